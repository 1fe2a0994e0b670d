import type { Location, Observation } from '@fieldsync/contracts'

/** The middle of the region that the playbooks are for: noted where nothing better is known. */
const REGION: Location = { lat: 38.5449, lon: -121.7405 }

export type NotePlace = {
  /** `here` the device says so · `block` earlier notes of the block · `last` where it was last · `region` none of these. */
  readonly source: 'here' | 'block' | 'last' | 'region'
  readonly location: Location
}

type Known = {
  readonly here: Location | null
  readonly block: string
  /** The device's notes, the newest first. */
  readonly notes: readonly Observation[]
  readonly last: Location | null
}

/** The best that is known of a place right now; it is never waited for. */
export function placeOf({ here, block, notes, last }: Known): NotePlace {
  if (here !== null) return { source: 'here', location: here }
  const name = block.trim().toLowerCase()
  const same = notes.find(
    ({ extraction }) => name !== '' && extraction.fieldBlock.trim().toLowerCase() === name,
  )
  if (same !== undefined) return { source: 'block', location: same.location }
  if (last !== null) return { source: 'last', location: last }
  return { source: 'region', location: REGION }
}

/** The blocks of earlier notes, the latest first, each once. */
export const blocksOf = (notes: readonly Observation[], most: number): string[] =>
  [...new Set(notes.map(({ extraction }) => extraction.fieldBlock.trim()))]
    .filter((block) => block !== '')
    .slice(0, most)
