import { Issue, Observation, OBSERVATION_STATUSES, PlaybookRule, Severity } from '@fieldsync/contracts'
import { conditionText, type Formats, rationaleText, symptomLabel, unitOf } from '@fieldsync/messages'

import type { T } from '../messages/messages.tsx'

const NAMED = [
  'rawNoteText',
  'fieldBlock',
  'symptoms',
  'variety',
  'leafWetness',
  'windEstimateKph',
  'temperatureC',
  'location',
  'status',
  'observationTime',
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
  // Each symptom of a note has a place of its own.
  const isSymptom = segments.at(-2) === 'symptoms'
  const name = isSymptom ? t('field.symptoms') : known === undefined ? last : t(`field.${known}`)
  const at = segments.indexOf('weatherAdjustments')
  return at === -1
    ? name
    : `${t('playbook.adjustment', { number: String(Number(segments[at + 1]) + 1) })}: ${name}`
}

/** A value with its unit, in the person's system; a dash for none. */
export function valueText(
  segments: readonly string[],
  value: unknown,
  { t, formats }: { readonly t: T; readonly formats: Pick<Formats, 'quantity'> },
): string {
  if (value === undefined) return '–'
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no')
  const last = segments.at(-1) ?? ''
  if (typeof value === 'string') {
    return segments.at(-2) === 'symptoms' ? symptomLabel(t, value) : codeText(last, value, t)
  }
  const unit = unitOf(last)
  return unit === undefined || typeof value !== 'number'
    ? JSON.stringify(value)
    : formats.quantity(unit, value)
}

const WETNESSES = Observation.shape.normalization.shape.leafWetness.options
const FEATURES = PlaybookRule.shape.timing.shape.weatherAdjustments.element.shape.feature.options

/** A code of the contract in the person's language; any other text as it is. */
function codeText(name: string, text: string, t: T): string {
  switch (name) {
    case 'issue': {
      const issue = Issue.options.find((each) => each === text)
      return issue === undefined ? text : t(`issue.${issue}`)
    }
    case 'severity': {
      const severity = Severity.options.find((each) => each === text)
      return severity === undefined ? text : t(`severity.${severity}`)
    }
    case 'leafWetness': {
      const wetness = WETNESSES.find((each) => each === text)
      return wetness === undefined ? text : t(`leafWetness.${wetness}`)
    }
    case 'status': {
      const status = OBSERVATION_STATUSES.find((each) => each === text)
      return status === undefined ? text : t(`observationStatus.${status}`)
    }
    case 'feature': {
      const feature = FEATURES.find((each) => each === text)
      return feature === undefined ? text : t(`feature.${feature}`)
    }
    case 'condition':
      return conditionText(t, text)
    case 'rationaleTag':
      return rationaleText(t, text)
    default:
      return text
  }
}
