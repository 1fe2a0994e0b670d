import type { Observation } from '@fieldsync/contracts'
import {
  deviceStatePlaceholders,
  observed,
  placeKind,
  type PlaceKind,
  stableSymptoms,
} from '@fieldsync/domain'

import { shownText } from '../../table.ts'

const PLACES: Readonly<Record<PlaceKind, string>> = {
  gps: 'measured',
  rough: 'rough position',
  map: 'entered by hand',
  block: 'from earlier notes of the block',
  last_known: 'last known position',
  unmarked: 'source not recorded',
  none: 'not known',
}

/** An observation for people, one value per line; a dash for an unobserved value (SHP-13). */
export function shownObservation(note: Observation): string {
  const wind = observed(note, '/normalization/windEstimateKph')
  const temperature = observed(note, '/normalization/temperatureC')
  const rows: readonly (readonly [name: string, value: string | undefined])[] = [
    ['id', note.observationId],
    ['status', note.status],
    ['by', note.deviceId],
    ['observed', observed(note, '/extraction/observationTime')],
    ['block', observed(note, '/extraction/fieldBlock')],
    ['issue', observed(note, '/extraction/issue')],
    ['severity', observed(note, '/extraction/severity')],
    ['symptoms', stableSymptoms(observed(note, '/extraction/symptoms') ?? []).join(', ')],
    ['leaf wetness', observed(note, '/normalization/leafWetness')],
    ['wind', wind === undefined ? undefined : `${wind} km/h`],
    ['temperature', temperature === undefined ? undefined : `${temperature} °C`],
    ['location', shownPlace(note)],
    ['note', note.rawNoteText],
  ]
  const lines = rows.map(([name, value = '']) => `${name.padEnd(14)}${value === '' ? '-' : shownText(value)}`)
  if (!deviceStatePlaceholders(note)) {
    lines.push('Written or last edited by an older app: unobserved values are not marked.')
  }
  return lines.join('\n')
}

function shownPlace(note: Observation): string {
  const kind = placeKind(note)
  if (kind === 'none') return PLACES.none
  const { lat, lon, accuracyM } = note.location
  return `${lat}, ${lon} (${PLACES[kind]}${accuracyM === undefined ? '' : `, ±${accuracyM} m`})`
}
