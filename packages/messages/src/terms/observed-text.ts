import type { Observation } from '@fieldsync/contracts'
import { observed, placeKind, stableSymptoms, symptomName } from '@fieldsync/domain'

import type { Formats } from '../formats.ts'
import type { Translate } from '../message-keys.ts'
import type { termsEn } from './terms-en.ts'

type Say = Translate<typeof termsEn>
/** How an app speaks: its catalogue holds the shared terms. */
type Text = { readonly t: Say; readonly formats: Pick<Formats, 'length' | 'quantity'> }

/** A stored symptom in the person's language; a person's own words as they are (SHP-15). */
export function symptomLabel(t: Say, stored: string): string {
  const name = symptomName(stored)
  return name === null ? stored : t(`symptom.${name}`)
}

/** Where something was seen, in degrees, and how that is known (SHP-14). */
export function placeText(
  { t, formats }: Text,
  observation: Pick<Observation, 'location' | 'notObserved'>,
): string {
  const { lat, lon, accuracyM } = observation.location
  const at = `${lat.toFixed(4)}, ${lon.toFixed(4)}`
  const kind = placeKind(observation)
  if (kind === 'gps' && accuracyM === undefined) return t('place.measured', { at })
  return t(`place.${kind}`, { at, accuracy: formats.length(accuracyM ?? 0) })
}

/** The values of an observation in words, with their units; what nobody observed says so (SHP-13). */
export function observedText(words: Text, observation: Observation) {
  const { t, formats } = words
  const none = t('notObserved')
  const issue = observed(observation, '/extraction/issue')
  const severity = observed(observation, '/extraction/severity')
  const symptoms = observed(observation, '/extraction/symptoms')
  const wetness = observed(observation, '/normalization/leafWetness')
  const wind = observed(observation, '/normalization/windEstimateKph')
  const temperature = observed(observation, '/normalization/temperatureC')
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
    wind: wind === undefined ? none : formats.quantity('kph', wind),
    /** Null where the observation has none. */
    temperature: temperature === undefined ? null : formats.quantity('celsius', temperature),
    place: placeText(words, observation),
  }
}
