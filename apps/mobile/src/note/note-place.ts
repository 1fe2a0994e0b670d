import type { Observation, ObservationLocation } from '@fieldsync/contracts'
import { placeKind } from '@fieldsync/domain'

/** The middle of the region that the playbooks are for: a placeholder where nobody knows the place. */
export const REGION: ObservationLocation = { lat: 38.5449, lon: -121.7405, source: 'region' }

type Known = {
  /** What the device measured when the note was started. */
  readonly fix: ObservationLocation | null
  readonly block: string
  /** The device's notes, the newest first. */
  readonly notes: readonly Observation[]
  /** Where the device was last. */
  readonly last: ObservationLocation | null
}

/**
 * The best that is known of a place right now; it is never waited for. A block is more exact than a fix that is off by
 * kilometers, and where nothing is known the record says so (APP-11).
 */
export function positionOf({ fix, block, notes, last }: Known): ObservationLocation {
  const isRough = fix !== null && placeKind({ location: fix }) === 'rough'
  if (fix !== null && !isRough) return fix
  const known = blockPlace(block, notes)
  if (known !== null) return known
  if (fix !== null) return fix
  return last === null ? REGION : { ...last, source: 'last_known' }
}

/** Where earlier notes of a block were measured; null where none was. */
export function blockPlace(block: string, notes: readonly Observation[]): ObservationLocation | null {
  const name = block.trim().toLowerCase()
  if (name === '') return null
  const same = notes.find(
    (note) => note.extraction.fieldBlock.trim().toLowerCase() === name && isMeasured(note),
  )
  return same === undefined ? null : { lat: same.location.lat, lon: same.location.lon, source: 'block' }
}

/** A point that was itself taken from a block, or fills a field, must not be handed on as one that was measured. */
function isMeasured(note: Observation): boolean {
  const kind = placeKind(note)
  const { lat, lon } = note.location
  // Apps before contract 1.4 stored the region's middle without a mark.
  if (kind === 'unmarked') return lat !== REGION.lat || lon !== REGION.lon
  return kind === 'gps' || kind === 'map'
}

const APART = /^\s*([+-]?\d{1,2}(?:[.,]\d+)?)(?:\s*;\s*|\s*,\s+|\s+)([+-]?\d{1,3}(?:[.,]\d+)?)\s*$/
// Without a space a comma may be a decimal one, as in the first half of `38,5449 -121,7405`, unless there is a point.
const BY_COMMA = /^(?=.*\.)\s*([+-]?\d{1,2}(?:\.\d+)?),([+-]?\d{1,3}(?:\.\d+)?)\s*$/

/** What a person typed as latitude and longitude, with decimal points or commas; null where it is no place. */
export function typedPlace(text: string): ObservationLocation | null {
  const plain = text.replaceAll('−', '-')
  const parts = APART.exec(plain) ?? BY_COMMA.exec(plain)
  if (parts === null) return null
  const [lat = Number.NaN, lon = Number.NaN] = parts.slice(1).map((part) => Number(part.replace(',', '.')))
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon, source: 'map' } : null
}

/** The blocks of earlier notes, the latest first, each once. */
export const blocksOf = (notes: readonly Observation[], last: string, most: number): string[] =>
  [...new Set([last, ...notes.map(({ extraction }) => extraction.fieldBlock.trim())])]
    .filter((block) => block !== '')
    .slice(0, most)
