import { type Observation, OBSERVATION_STATUSES, type ObservationStatus } from '@fieldsync/contracts'

import type { Actor } from '../access/actor.ts'
import { mayChange, mayWriteFor } from '../access/can.ts'
import type { CanonicalRecord, Sha256 } from '../canonical.ts'
import { compareWrites } from '../time.ts'
import { conflict, type Decision, toFix } from './decision.ts'

/** An observation as stored on the server. */
export type StoredObservation = {
  canonical: CanonicalRecord<Observation>
  /** Time of its last write, in microseconds since 1970 (OBS-18). */
  timeMicros: number
  /** Correction id → SHA-256 of the `contentText` that the correction had. */
  corrections: ReadonlyMap<string, string>
}

type Incoming = { actor: Actor; incoming: CanonicalRecord<Observation>; timeMicros: number; sha256: Sha256 }
type Compared = Incoming & { current: StoredObservation; sameContent: boolean; step: number }

/**
 * Decides one incoming observation by rules OBS-1 to OBS-22, in the order of their table.
 *
 * @param args.timeMicros time of the incoming write, see writeTimeMicros
 */
export function decideObservation(args: Incoming & { current: StoredObservation | undefined }): Decision {
  const { actor, current, incoming, timeMicros } = args
  const author = incoming.record.deviceId
  if (!current) {
    return mayWriteFor(actor, author)
      ? accepted('create', incoming.record.correction !== undefined)
      : foreignAuthor()
  }
  const stored = current.canonical.record
  const sameContent = current.canonical.contentText === incoming.contentText
  const step = rank(incoming.record.status) - rank(stored.status)
  if (sameContent && step === 0) {
    const moveTime =
      stored.status === 'draft' && timeMicros > current.timeMicros && mayChange(actor, stored.deviceId)
    return { kind: 'duplicate', moveTime }
  }
  if (stored.deviceId !== author) return idTaken()
  if (!mayChange(actor, stored.deviceId)) return notYours()
  const compared = { ...args, current, sameContent, step }
  return stored.status === 'draft' ? onDraft(compared) : onConfirmed(compared)
}

function onDraft(args: Compared): Decision {
  if (!wins(args)) return stale()
  return accepted(args.sameContent ? 'advance' : 'update', carriesNewCorrection(args))
}

/** Last write wins; equal times are decided by the records themselves, whichever came first (OBS-20, OBS-21). */
function wins({ current, incoming, timeMicros, sameContent, sha256 }: Compared): boolean {
  const order = compareWrites(
    { record: incoming.record, timeMicros },
    { record: current.canonical.record, timeMicros: current.timeMicros },
  )
  if (order !== 0) return order > 0
  // The same content and status would be no change, and no status comes before a draft.
  if (sameContent) return true
  const ours = checksum(incoming.record)
  const theirs = checksum(current.canonical.record)
  if (ours !== theirs) return ours > theirs
  return sha256(incoming.contentText) > sha256(current.canonical.contentText)
}

function onConfirmed(args: Compared): Decision {
  const { current, incoming, sameContent, step, sha256 } = args
  if (sameContent && step > 0) return accepted('advance', carriesNewCorrection(args))
  const { correction } = incoming.record
  if (!correction) return immutable(sameContent)
  // A known correction is recognized before `supersedes` is compared: a late duplicate must not apply again where a
  // checksum has returned to an earlier value (OBS-15).
  const had = current.corrections.get(correction.correctionId)
  if (had !== undefined) {
    return had === sha256(incoming.contentText)
      ? { kind: 'duplicate', moveTime: false }
      : correctionIdReused()
  }
  const currentChecksum = checksum(current.canonical.record)
  if (step < 0) return statusBack()
  if (checksum(incoming.record) === currentChecksum) return sameChecksum()
  if (correction.supersedes.toLowerCase() !== currentChecksum) return correctionStale()
  return accepted('correct', true)
}

const rank = (status: ObservationStatus): number => OBSERVATION_STATUSES.indexOf(status)

// Letter case of the hex digits means nothing (OBS-17).
const checksum = (observation: Observation): string => observation.deterministicChecksum.toLowerCase()

const carriesNewCorrection = ({ current, incoming }: Compared): boolean =>
  incoming.record.correction !== undefined &&
  !current.corrections.has(incoming.record.correction.correctionId)

const accepted = (change: 'create' | 'update' | 'advance' | 'correct', newCorrection: boolean): Decision => ({
  kind: 'accept',
  change,
  newCorrection,
})

const foreignAuthor = (): Decision =>
  toFix('FORBIDDEN', 'Set deviceId to the device that sends this observation, or let its author send it.', [
    { path: '/deviceId', message: 'must be the device that sends the observation' },
  ])

const idTaken = (): Decision =>
  conflict(
    'OBSERVATION_ID_TAKEN',
    'rename',
    'Another device already used this id: give your observation a new id and send it again.',
  )

const notYours = (): Decision =>
  conflict(
    'FORBIDDEN',
    'accept_server',
    "Accept the server's observation: only its author or an agronomist may change it.",
  )

const stale = (): Decision =>
  conflict(
    'OBSERVATION_STALE_WRITE',
    'accept_server',
    "Accept the server's draft: it was edited later than yours.",
  )

const immutable = (sameContent: boolean): Decision =>
  sameContent
    ? statusBack()
    : conflict(
        'OBSERVATION_IMMUTABLE',
        'correct',
        'This observation is confirmed: send your change as a correction with a reason, or drop it.',
      )

const statusBack = (): Decision =>
  conflict(
    'OBSERVATION_IMMUTABLE',
    'correct',
    "An observation's status only moves forward: keep the server's status, and send a change as a correction.",
  )

const correctionIdReused = (): Decision =>
  conflict(
    'OBSERVATION_IMMUTABLE',
    'correct',
    'This correction was already made with other content: send your change as a correction with a new correctionId.',
  )

const sameChecksum = (): Decision =>
  conflict(
    'OBSERVATION_IMMUTABLE',
    'correct',
    'A correction needs a new deterministicChecksum: compute it over the corrected content and send it again.',
  )

const correctionStale = (): Decision =>
  conflict(
    'OBSERVATION_CORRECTION_STALE',
    'correct',
    "The observation was corrected in the meantime: review the server's version and correct that one, or drop yours.",
  )
