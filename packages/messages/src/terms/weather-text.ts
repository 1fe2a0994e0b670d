import type { Translate } from '../message-keys.ts'
import type { termsEn } from './terms-en.ts'

type Say = Translate<typeof termsEn>

const CONDITIONS = [
  'true',
  'false',
  'low',
  'moderate',
  'high',
  'unknown',
  'dry_aloft_humid_surface',
  'uniform_humid',
  'uniform_dry',
] as const

const RATIONALES = [
  'avoid_inversion',
  'high_humidity_persistence',
  'spray_drift_risk',
  'high_heat_stress',
  'standard_timing',
] as const

/** What a weather variable must be for an adjustment: a named value in the person's language, a bound as it is. */
export function conditionText(t: Say, condition: string): string {
  const known = CONDITIONS.find((each) => each === condition)
  return known === undefined ? condition : t(`condition.${known}`)
}

/** Why an adjustment is made: the starter playbook's reasons in the person's language, any other one as it is. */
export function rationaleText(t: Say, tag: string): string {
  const known = RATIONALES.find((each) => each === tag)
  return known === undefined ? tag.replaceAll('_', ' ') : t(`rationale.${known}`)
}
