import type { PlaybookRule, WeatherFeatures } from '@fieldsync/contracts'

import { driver, type MonitorOnlyReason } from './drivers.ts'
import type { AtSurface } from './weather/at-surface.ts'
import { featureValue } from './weather/condition.ts'

/** Below this score spraying is withheld (AGR-7). */
const LEAST_SPRAY_SCORE = 0.4

/** The limits of a rule: which of them are not met, and what was compared, as drivers. */
export type Checked = { readonly reasons: readonly MonitorOnlyReason[]; readonly drivers: readonly string[] }

/** A rule in a situation. `leavesInversion`: an adjustment moves the window because of the inversion. */
export type Situation = {
  readonly rule: PlaybookRule
  readonly weather: WeatherFeatures
  readonly surface: AtSurface
  readonly leavesInversion: boolean
}

/** Compares a rule's limits with what is known (AGR-7, AGR-8); a limit of which nothing is known is not checked. */
export function checkConstraints({ rule, weather, surface, leavesInversion }: Situation): Checked {
  const { constraints } = rule
  const isSpray = rule.action.type === 'spray'
  const checks: Checked[] = [
    limit('maxWindKph', constraints.maxWindKph, 'windKph', surface.windKph),
    limit(
      'maxRelativeHumidityPct',
      constraints.maxRelativeHumidityPct,
      'relativeHumidityPct',
      surface.relativeHumidityPct,
    ),
    inversion(constraints.avoidInversion, featureValue(weather, 'inversionPresent'), leavesInversion),
    isSpray
      ? limit('maxTemperatureC', constraints.maxTemperatureC, 'temperatureC', surface.temperatureC)
      : NOTHING,
    isSpray ? sprayScore(featureValue(weather, 'sprayWindowScore')) : NOTHING,
  ]
  return {
    reasons: checks.flatMap(({ reasons }) => reasons),
    drivers: checks.flatMap(({ drivers }) => drivers),
  }
}

const NOTHING: Checked = { reasons: [], drivers: [] }

function limit(
  name: 'maxWindKph' | 'maxRelativeHumidityPct' | 'maxTemperatureC',
  most: number | undefined,
  valueName: keyof AtSurface,
  value: number | undefined,
): Checked {
  if (most === undefined) return NOTHING
  if (value === undefined) return { reasons: [], drivers: [driver(name, most, false)] }
  return { reasons: value > most ? [name] : [], drivers: [driver(valueName, value), driver(name, most)] }
}

function inversion(
  avoid: boolean | undefined,
  present: string | number | boolean | undefined,
  leavesInversion: boolean,
): Checked {
  if (avoid !== true) return NOTHING
  const reasons: MonitorOnlyReason[] = present === true && !leavesInversion ? ['avoidInversion'] : []
  return { reasons, drivers: [driver('avoidInversion', true, present !== undefined)] }
}

function sprayScore(score: string | number | boolean | undefined): Checked {
  if (typeof score !== 'number') return NOTHING
  return {
    reasons: score < LEAST_SPRAY_SCORE ? ['sprayWindowScore'] : [],
    drivers: [driver('sprayWindowScore', score)],
  }
}
