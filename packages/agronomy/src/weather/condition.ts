import type { PlaybookRule, WeatherFeatures } from '@fieldsync/contracts'

type Adjustment = PlaybookRule['timing']['weatherAdjustments'][number]
export type FeatureName = Adjustment['feature']

const BOUND = /^(<=|>=|<|>)\s*(\d{1,9}(?:\.\d{1,9})?)$/

/**
 * A feature's value; undefined where it is not known. Without weather only the kinds have one, which is `unknown`: its other
 * values fill required fields (AGR-9).
 */
export function featureValue(
  weather: WeatherFeatures,
  feature: FeatureName,
): string | number | boolean | undefined {
  const value = weather[feature]
  return weather.sourceMode === 'none' && typeof value !== 'string' ? undefined : value
}

/**
 * The adjustments whose condition the weather meets, in their order (AGR-6): `true`, `false` or the name of a value for a
 * feature that has such values, `< n`, `> n`, `<= n` or `>= n` for a score. Any other condition is never met.
 */
export const applicable = (
  adjustments: readonly Adjustment[],
  weather: WeatherFeatures,
): readonly Adjustment[] =>
  adjustments.filter(({ feature, condition }) => meets(featureValue(weather, feature), condition.trim()))

function meets(value: string | number | boolean | undefined, condition: string): boolean {
  if (typeof value !== 'number') return value !== undefined && `${value}` === condition
  const bound = BOUND.exec(condition)
  if (bound === null) return false
  const limit = Number(bound[2])
  switch (bound[1]) {
    case '<':
      return value < limit
    case '>':
      return value > limit
    case '<=':
      return value <= limit
    default:
      return value >= limit
  }
}
