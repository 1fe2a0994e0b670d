import type { Observation } from '@fieldsync/contracts'
import { observed, placeKind, stableSymptoms } from '@fieldsync/domain'

import type { Texts } from '../texts/texts.ts'
import { symptomLabel } from './symptoms.ts'

type Place = Pick<Observation, 'location' | 'notObserved'>

/** Where something was seen, and how that is known (SHP-14). */
export function placeText({ t, formats }: Texts, note: Place): string {
  const { lat, lon, accuracyM } = note.location
  const at = `${lat.toFixed(4)}, ${lon.toFixed(4)}`
  const kind = placeKind(note)
  if (kind === 'gps' && accuracyM === undefined) return t('place.measured', { at })
  return t(`place.${kind}`, { at, accuracy: formats.length(accuracyM ?? 0) })
}

/** The values of a note in words; what nobody observed says so (SHP-13). */
export function observedText(texts: Texts, note: Observation) {
  const { t, formats } = texts
  const none = t('notObserved')
  const issue = observed(note, '/extraction/issue')
  const severity = observed(note, '/extraction/severity')
  const symptoms = observed(note, '/extraction/symptoms')
  const wetness = observed(note, '/normalization/leafWetness')
  const wind = observed(note, '/normalization/windEstimateKph')
  const temperature = observed(note, '/normalization/temperatureC')
  return {
    issue: issue === undefined ? none : t(`issue.${issue}`),
    severity: severity === undefined ? none : t(`severity.${severity}`),
    symptoms:
      symptoms === undefined
        ? none
        : stableSymptoms(symptoms)
            .map((each) => symptomLabel(t, each))
            .join(', '),
    leafWetness: wetness === undefined ? none : t(`leafWetness.${wetness}`),
    wind: wind === undefined ? none : `${formats.number(wind)} ${t('unit.kph')}`,
    /** Null where the note has none. */
    temperature: temperature === undefined ? null : `${formats.number(temperature)} ${t('unit.celsius')}`,
    place: placeText(texts, note),
  }
}
