import { type Issue, Observation, type Severity } from '@fieldsync/contracts'
import { NO_SYMPTOM, notObservedWith, stableSymptoms } from '@fieldsync/domain'

import { ClientError } from '../../client-error.ts'

export const WETNESSES = Observation.shape.normalization.shape.leafWetness.options

/** The options of `client note`, as typed. */
export type NotedValues = {
  issue?: Issue
  severity?: Severity
  block?: string
  symptom?: string[]
  wind?: string
  wetness?: Observation['normalization']['leafWetness']
  lat?: string
  lon?: string
}

/** The middle of the region that the playbooks are for: a placeholder. */
const REGION = { lat: 38.5449, lon: -121.7405, source: 'region' } as const

/**
 * Observed values, and placeholders, named in `notObserved`, for the others (SHP-13).
 *
 * @param at when, RFC 3339
 * @throws ClientError for an incomplete place
 */
export function noted(
  { issue, severity, block, symptom, wind, wetness, lat, lon }: NotedValues,
  at: string,
): Pick<Observation, 'extraction' | 'normalization' | 'location' | 'notObserved'> {
  if ((lat === undefined) !== (lon === undefined)) {
    throw new ClientError('VALIDATION_ERROR', 'A location needs both --lat and --lon.')
  }
  return {
    extraction: {
      crop: 'grape',
      fieldBlock: block ?? '',
      issue: issue ?? 'other',
      severity: severity ?? 'low',
      symptoms: symptom === undefined ? [NO_SYMPTOM] : stableSymptoms(symptom),
      observationTime: at,
    },
    normalization: {
      leafWetness: wetness ?? 'unknown',
      windEstimateKph: wind === undefined ? 0 : Number(wind),
    },
    location: lat === undefined ? REGION : { lat: Number(lat), lon: Number(lon), source: 'map' },
    notObserved: notObservedWith(
      {},
      {
        '/extraction/issue': issue !== undefined,
        '/extraction/severity': severity !== undefined,
        '/extraction/symptoms': symptom !== undefined,
        '/normalization/windEstimateKph': wind !== undefined,
        '/location': lat !== undefined,
      },
    ),
  }
}
