import { hasUnit, symptomLabel, VALUE_UNITS } from '@fieldsync/messages'

import type { T } from '../../messages/translate.ts'

const NAMED = [
  'maxWindKph',
  'avoidInversion',
  'maxRelativeHumidityPct',
  'minHoursWithoutRain',
  'maxTemperatureC',
  'irrigationWindowLocal',
  'instructions',
  'startOffsetHours',
  'endOffsetHours',
  'shiftStartMinutes',
  'shiftEndMinutes',
  'condition',
  'rationaleTag',
  'feature',
  'issue',
  'severity',
] as const

/** What a value is called: its own name in the person's language, else as the document has it. */
export function nameOf(segments: readonly string[], t: T): string {
  const last = segments.at(-1) ?? ''
  const known = NAMED.find((name) => name === last)
  const name = known === undefined ? last : t(`field.${known}`)
  const at = segments.indexOf('weatherAdjustments')
  return at === -1
    ? name
    : `${t('playbook.adjustment', { number: String(Number(segments[at + 1]) + 1) })}: ${name}`
}

/** A value with its unit; a dash for none. */
export function valueText(segments: readonly string[], value: unknown, t: T): string {
  if (value === undefined) return '–'
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no')
  const last = segments.at(-1) ?? ''
  if (typeof value === 'string' && segments.at(-2) === 'symptoms') return symptomLabel(t, value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return hasUnit(last) ? `${text} ${t(`unit.${VALUE_UNITS[last]}`)}` : text
}

const CONDITIONS = [
  'low',
  'moderate',
  'high',
  'unknown',
  'dry_aloft_humid_surface',
  'uniform_humid',
  'uniform_dry',
] as const

/** What a weather feature must be for an adjustment: a named value in the person's language, a bound as it is. */
export function conditionText(condition: string, t: T): string {
  if (condition === 'true' || condition === 'false') return t(condition === 'true' ? 'yes' : 'no')
  const known = CONDITIONS.find((each) => each === condition)
  return known === undefined ? condition : t(`weather.value.${known}`)
}
