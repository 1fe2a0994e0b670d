import { Instant, instantMicros, Observation, OBSERVATION_STATUSES, parseInput } from '@fieldsync/contracts'
import { canonicalRecord, type Sha256 } from '@fieldsync/domain'
import type { z } from 'zod'

import { breaksContract, refused, type RefusedWrite } from './save-outcome.ts'

type Input = z.input<typeof Observation>
/** An observation as an app hands it over: the engine fills in checksum and time of the edit. */
export type ObservationDraft = Omit<Input, 'deterministicChecksum' | 'updatedAt'> &
  Partial<Pick<Input, 'deterministicChecksum' | 'updatedAt'>>

/** A draft that keeps the contract, or why it does not. */
type ReadDraft = { ok: true; observation: Observation } | RefusedWrite

const NO_CHECKSUM = 'sha256:00000000'

/** Reads a draft by the contract; checksum and time are filled in later, on top of what it edits. */
export function readObservation(draft: ObservationDraft): ReadDraft {
  const deterministicChecksum = draft.deterministicChecksum ?? NO_CHECKSUM
  const whole = { ...draft, deterministicChecksum }
  const parsed = parseInput(Observation, whole)
  return parsed.ok ? { ok: true, observation: parsed.value } : breaksContract(Observation, whole)
}

/**
 * The observation that is stored for a draft, or why it is not one (ENG-9 to ENG-11).
 *
 * @param read the draft as {@link readObservation} has read it
 * @param edited what the person saw while writing: the latest version on the device
 */
export function completeObservation(
  read: Observation,
  edited: Observation | null,
  now: number,
  sha256: Sha256,
): ReadDraft {
  const observation = stampObservation(read, edited, now, sha256)
  if (edited && lacksCorrection(edited, observation)) {
    return refused(
      '/correction',
      'is required: a confirmed observation changes only by a correction',
      'correction_required',
    )
  }
  return { ok: true, observation }
}

/** A draft with the checksum of its content and the time of the edit (ENG-9, ENG-10). */
export const stampObservation = (
  read: Observation,
  edited: Observation | null,
  now: number,
  sha256: Sha256,
): Observation => withChecksum({ ...read, updatedAt: editTime(now, edited, read) }, edited, sha256)

function withChecksum(observation: Observation, edited: Observation | null, sha256: Sha256): Observation {
  if (edited && observedText(edited) === observedText(observation)) {
    return { ...observation, deterministicChecksum: edited.deterministicChecksum }
  }
  // The first version may bring one of the app's own; later ones may come from a form with any older version's.
  const brought = observation.deterministicChecksum
  if (!edited && brought !== NO_CHECKSUM) return observation
  return { ...observation, deterministicChecksum: observationChecksum(observation, sha256) }
}

function lacksCorrection(edited: Observation, observation: Observation): boolean {
  if (edited.status === 'draft') return false
  const step = rank(observation) - rank(edited)
  if (step >= 0 && observedText(edited) === observedText(observation)) return false
  return (
    observation.correction === undefined ||
    observation.correction.correctionId === edited.correction?.correctionId
  )
}

/** How far an observation is: a number that only grows. */
export const rank = ({ status }: Observation): number => OBSERVATION_STATUSES.indexOf(status)

/** Of two versions the one whose status is further along. */
export const furtherAlong = (a: Observation, b: Observation): Observation => (rank(a) > rank(b) ? a : b)

/** Milliseconds since 1970 as an instant. */
export const instantOf = (milliseconds: number): Instant => new Date(milliseconds).toISOString()

type Dated = { updatedAt?: string | undefined }

/**
 * When an edit was made: the time that it brings, else now, but always after the latest version on the device, so that a
 * device whose clock is behind does not make edits that are older than what its user saw (ENG-10). A form that was
 * filled in from an older version brings that one's time along.
 *
 * @param now milliseconds on the device's clock
 */
export function editTime(now: number, edited: Dated | null, edit: Dated = {}): Instant {
  if (edited?.updatedAt === undefined) return edit.updatedAt ?? instantOf(now)
  if (edit.updatedAt !== undefined && instantMicros(edit.updatedAt) > instantMicros(edited.updatedAt)) {
    return edit.updatedAt
  }
  const next = Math.floor(instantMicros(edited.updatedAt) / 1000) + 1
  const later = instantOf(Math.max(now, next))
  // Behind the last instant that RFC 3339 can write there is no later one.
  return Instant.safeParse(later).success ? later : edited.updatedAt
}

/**
 * The content of an observation without its checksum, as canonical JSON (RFC 8785): every field but
 * `deterministicChecksum`, `status`, `updatedAt` and `correction`.
 */
export function observedText(observation: Observation): string {
  const { deterministicChecksum: _own, ...observed } = observation
  return canonicalRecord(observed).contentText
}

/**
 * The `deterministicChecksum` that this engine gives an observation: SHA-256 over {@link observedText}. Equal content has
 * an equal checksum, on every device (ENG-9).
 */
export function observationChecksum(
  observation: Observation,
  sha256: Sha256,
): Observation['deterministicChecksum'] {
  return `sha256:${sha256(observedText(observation))}`
}
