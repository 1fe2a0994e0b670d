export {
  recommend,
  type RecommendInput,
  type Recommended,
  type RefusalReason,
  REFUSALS,
} from './recommend.ts'
export { derivedRecommendationId } from './derived-id.ts'
export { type Difference, differences } from './differences.ts'
export { type Driver, MONITOR_ONLY_REASONS, type MonitorOnlyReason, readDriver } from './drivers.ts'
export { NO_WEATHER } from './weather/no-weather.ts'
export { deriveFeatures, type FeaturesInput } from './weather/derive-features.ts'
export { type HourlyTemperature, mildewIndex } from './weather/mildew-index.ts'
export { heatStressScore } from './weather/heat-stress.ts'
export { replacedBy } from './replaced-by.ts'
export { successorOf, type SuccessorInput, withSupersededStatus } from './successor.ts'
