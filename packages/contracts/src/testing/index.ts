export {
  device,
  type DeviceInput,
  syncBatch,
  type SyncBatchInput,
  type SyncBatchOverrides,
} from './records/sync-batch.ts'
export { mintId, ulidAt } from './records/ids.ts'
export { checksumOf, observation, type ObservationInput, sha256 } from './records/observation.ts'
export { altered, type Overrides, without } from './records/overrides.ts'
export { playbook, type PlaybookInput, playbookPatch, type PlaybookPatchInput } from './records/playbook.ts'
export {
  recommendation,
  type RecommendationInput,
  weatherFeatures,
  type WeatherFeaturesInput,
} from './records/recommendation.ts'
export { type SeededRandom, seededRandom } from './seeded-random.ts'
export { arbitraryOf } from './arbitraries/arbitrary-of.ts'
export { type Mutation, mutationOf } from './arbitraries/mutation-of.ts'
export { roundSeeds, seededRuns } from './seeded-runs.ts'
