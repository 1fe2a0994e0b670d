import type { Observation } from '@fieldsync/contracts'
import { observed, placeKind, stableSymptoms, symptomName } from '@fieldsync/domain'
import type { Formats } from '@fieldsync/messages'

import type { T } from '../../messages/translate.ts'

/** A stored symptom in the person's language; other people's own words as they are (SHP-15). */
export function symptomLabel(t: T, stored: string): string {
  const name = symptomName(stored)
  return name === null ? stored : t(`symptom.${name}`)
}

/** The values of an observation in words; what nobody observed says so (SHP-13, SHP-14). */
export function observedText(t: T, formats: Formats, record: Observation) {
  const none = t('notObserved')
  const issue = observed(record, '/extraction/issue')
  const symptoms = observed(record, '/extraction/symptoms')
  const wetness = observed(record, '/normalization/leafWetness')
  const wind = observed(record, '/normalization/windEstimateKph')
  const temperature = observed(record, '/normalization/temperatureC')
  return {
    issue: issue === undefined ? none : t(`issue.${issue}`),
    symptoms:
      symptoms === undefined
        ? none
        : stableSymptoms(symptoms)
            .map((each) => symptomLabel(t, each))
            .join(', '),
    leafWetness: wetness === undefined ? none : t(`leafWetness.${wetness}`),
    wind: wind === undefined ? none : `${formats.number(wind)} ${t('unit.kph')}`,
    /** Null where the record has none. */
    temperature: temperature === undefined ? null : `${formats.number(temperature)} ${t('unit.celsius')}`,
    place: placeText(t, formats, record),
  }
}

function placeText(t: T, formats: Formats, record: Observation): string {
  const { lat, lon, accuracyM } = record.location
  const at = `${formats.number(lat)}, ${formats.number(lon)}`
  const kind = placeKind(record)
  if (kind === 'gps' && accuracyM === undefined) return t('place.measured', { at })
  return t(`place.${kind}`, { at, accuracy: formats.length(accuracyM ?? 0) })
}
