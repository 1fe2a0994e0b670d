import { type Observation, OBSERVATION_STATUSES, type ObservationStatus } from '@fieldsync/contracts'
import { checksumOf, observation, type ObservationInput, type SeededRandom, ulidAt } from '@fieldsync/testkit'

import { editTime } from './edit-time.ts'
import type { Writer } from './stage.ts'
import { anyOf, once, weighted } from './weighted.ts'

const NEW = { draft: 5, confirmed: 2, logged: 1, "another's": 1, corrected: 1, 'old id': 1 }

const ON_STORED = {
  edit: 7,
  'the same': 3,
  forward: 6,
  back: 1,
  'forward and edit': 2,
  correct: 6,
  'correct and forward': 1,
  'correct something older': 3,
  'correct under a known id': 3,
  'correct to the same checksum': 1,
  'the same under a correction': 1,
  'take the id': 2,
  'another spelling of the checksum': 1,
}

// Few, so that two devices often write the same and that contents return to what they were.
const NOTES = ['One', 'Two', 'Three'] as const
// The four digits that old apps of two devices both mint on one day (IDS-1).
const OLD_IDS = ['obs_20260211_0001', 'obs_20260211_0002'] as const

/** An observation as a device might send it next: new, or on one that the server holds, more often than not in conflict. */
export function observationWrite(writer: Writer): ObservationInput {
  const { rng, state, deviceId } = writer
  const all = [...state.observations.values()].map(({ record }) => record)
  const own = all.filter((record) => record.deviceId === deviceId)
  const stored = once(rng, 3) ? undefined : anyOf(rng, own.length > 0 && !once(rng, 3) ? own : all)
  return stored ? onStored(writer, stored) : newObservation(writer)
}

function newObservation({ rng, deviceId, others }: Writer): ObservationInput {
  const kind = weighted(rng, NEW)
  const author = kind === "another's" ? (anyOf(rng, others) ?? deviceId) : deviceId
  const status = kind === 'confirmed' || kind === 'logged' ? kind : 'draft'
  const made = observation({ deviceId: author, status }, rng)
  if (kind === 'old id') return rewritten({ ...made, observationId: rng.pick(OLD_IDS) }, made.rawNoteText)
  return kind === 'corrected' ? { ...made, correction: correction(rng, made.deterministicChecksum) } : made
}

function onStored(writer: Writer, stored: Observation): ObservationInput {
  const { rng, deviceId, now } = writer
  const updatedAt = editTime(rng, stored.updatedAt ?? stored.createdAt, now)
  const same: ObservationInput = { ...stored, updatedAt }
  const edited = rewritten(same, rng.pick(NOTES))
  const current = stored.deterministicChecksum
  switch (weighted(rng, ON_STORED)) {
    case 'edit':
      return edited
    case 'the same':
      return once(rng, 2) ? stored : same
    case 'forward':
      return { ...same, status: moved(stored.status, 1) }
    case 'back':
      return { ...same, status: moved(stored.status, -1) }
    case 'forward and edit':
      return { ...edited, status: moved(stored.status, 1) }
    case 'correct':
      return { ...edited, correction: correction(rng, current) }
    case 'correct and forward':
      return {
        ...edited,
        status: moved(stored.status, 1),
        correction: correction(rng, current.toUpperCase().replace('SHA256', 'sha256')),
      }
    case 'correct something older':
      return { ...edited, correction: correction(rng, olderChecksum(writer, stored)) }
    case 'correct under a known id':
      return underKnownId(writer, stored, edited)
    case 'correct to the same checksum':
      return { ...edited, deterministicChecksum: current, correction: correction(rng, current) }
    case 'the same under a correction':
      return { ...same, correction: correction(rng, current) }
    case 'take the id':
      return rewritten({ ...same, deviceId }, rng.pick(NOTES))
    case 'another spelling of the checksum':
      return { ...same, deterministicChecksum: current.toUpperCase().replace('SHA256', 'sha256') }
  }
}

/** With another note and the checksum that follows. */
function rewritten(record: ObservationInput, rawNoteText: string): ObservationInput {
  const edited = { ...record, rawNoteText }
  return { ...edited, deterministicChecksum: checksumOf(edited) }
}

const moved = (status: ObservationStatus, by: number): ObservationStatus =>
  OBSERVATION_STATUSES[OBSERVATION_STATUSES.indexOf(status) + by] ?? status

const correction = (rng: SeededRandom, supersedes: string): NonNullable<ObservationInput['correction']> => ({
  correctionId: `cor_${ulidAt(rng, Date.parse('2026-02-12T07:00:00Z'))}`,
  reason: 'Counted again in the row.',
  correctedAt: '2026-02-12T07:00:00Z',
  supersedes,
})

function olderChecksum(
  { rng, state }: Writer,
  { observationId, deterministicChecksum }: Observation,
): string {
  const befores = state.corrections.flatMap((each) =>
    each.observationId === observationId && each.before ? [each.before.deterministicChecksum] : [],
  )
  return anyOf(rng, befores) ?? `${deterministicChecksum.slice(0, -1)}0`
}

/** A late duplicate of a correction, or its id on other content (OBS-11, OBS-14, OBS-15). */
function underKnownId(
  { rng, state }: Writer,
  stored: Observation,
  edited: ObservationInput,
): ObservationInput {
  const known = anyOf(
    rng,
    state.corrections.filter((each) => each.observationId === stored.observationId),
  )
  if (!known) return { ...edited, correction: correction(rng, stored.deterministicChecksum) }
  return once(rng, 2) ? known.after : { ...edited, correction: known.after.correction }
}
