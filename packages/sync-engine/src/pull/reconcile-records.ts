import type { Observation, Recommendation, SyncConflict } from '@fieldsync/contracts'
import { canonicalRecord, type Sha256 } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import type { OpenOutcome } from '../core/engine-meta.ts'
import { decideAsSystem } from '../core/likely-conflict.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import {
  type EntityType,
  isBlocked,
  type LocalRecord,
  positionOf,
  type SentEntry,
} from '../core/local-record.ts'
import { withheldOf } from '../core/outgoing-document.ts'
import { correctionOf } from '../recover/local-only.ts'
import { attributeConflicts, decisionCode } from './attribute-conflicts.ts'

type Saved = Observation | Recommendation

const TAKEN: ReadonlySet<SyncConflict['code']> = new Set(['OBSERVATION_ID_TAKEN', 'RECOMMENDATION_ID_TAKEN'])

/** The writes of one record in a batch, and what the answer says about it. */
type DecidedRecord = {
  type: 'observation' | 'recommendation'
  id: string
  /** In the order they were sent. */
  writes: readonly SentEntry[]
  conflicts: readonly { conflict: SyncConflict; winner: object | undefined }[]
  /** The other version that was possible before this answer. */
  otherwise: OpenOutcome['otherwise'] | undefined
}

/**
 * Takes over the outcome of one record's writes: accepted ones become the server's side, the others conflicts with the
 * losing value (ENG-7). An edit that was made since stays pending.
 *
 * @returns the conflicts that a person has to resolve, how many writes were accepted, the conflicts with a later write of
 *   this device that the server has already, which are none to anybody, the other version that the server may have now, and
 *   whether that may be one which no state hash distinguishes (ENG-46)
 */
export function reconcileRecord(
  changeset: Changeset,
  decided: DecidedRecord,
  now: number,
  sha256: Sha256,
): {
  parked: LocalConflict[]
  accepted: number
  superseded: SyncConflict[]
  otherwise: OpenOutcome['otherwise'] | undefined
  unclear: boolean
} {
  const { type, id, writes } = decided
  // Entries of a record are of its type.
  const documents = writes.map(({ known }) => known as Saved)
  const outcomes = attributeConflicts(
    documents,
    decided.conflicts.map(({ conflict }) => conflict),
    (current, incoming) => decisionCode(decideAsSystem(current, incoming, sha256)),
    isSameVersion,
    (write) => isSameCorrection(changeset.record(type, id).server, write),
    (write) => correctionOf(write) !== undefined,
    (write, other) =>
      'correction' in write &&
      'deterministicChecksum' in other &&
      write.correction?.supersedes.toLowerCase() === other.deterministicChecksum.toLowerCase(),
  )
  const versionOf = (record: Saved, raw: object = record) =>
    changeset.versionOf<'observation' | 'recommendation'>(type, id, record, raw)
  const before = changeset.record<'observation' | 'recommendation'>(type, id)
  const known: Version = before
  let current = known
  const history = [known.server]
  let { otherwise } = decided
  let unclear = false
  const winners = new Map(decided.conflicts.map(({ conflict, winner }) => [conflict, winner]))
  for (const [i, { known: written, sent }] of writes.entries()) {
    const document = written as Saved
    const conflict = outcomes[i]
    if (conflict?.server) {
      current = versionOf(conflict.server.record as Saved, winners.get(conflict))
      otherwise = undefined
    }
    if (conflict) continue
    // A correction of the server's history changes nothing behind what came since (OBS-11).
    const isOfHistory = history.some((each) => isSameCorrection(each, document))
    if (isOfHistory && !isSameCorrection(current.server, document)) {
      // Where the server has the other version, that correction with its status further along has moved it on (OBS-8).
      const movesOther = otherwise && effectOf(otherwise.server, document, sha256) === 'likely'
      if (movesOther) otherwise = versionOf(document, sent)
      continue
    }
    const effect = effectOf(current.server, document, sha256)
    // What has the content that the server had already is not recorded there.
    if (effect !== 'none') history.push(document)
    switch (effect) {
      case 'none':
        unclear ||= isOtherCorrection(current.server, document)
        break
      case 'change':
        current = versionOf(document, sent)
        otherwise = undefined
        break
      case 'likely':
        // What is corrected is there.
        otherwise ??= { ...current, server: current.server as Saved }
        current = versionOf(document, sent)
        break
      case 'unlikely':
        otherwise = versionOf(document, sent)
        break
    }
  }
  if (current !== known) changeset.replaceServer<'observation' | 'recommendation'>(type, id, current)
  keepWithheld(changeset, decided, outcomes)
  return { ...leaveOutbox(changeset, decided, outcomes, now), otherwise, unclear }
}

type Version = Pick<LocalRecord<'observation' | 'recommendation'>, 'server' | 'digest' | 'unknown'>

/**
 * What an accepted write did: `none` if the server has that version already or knew the correction, and keeps its own
 * text. A correction that follows from what the server is known to hold is `likely` a change: the server, whose whole
 * history a device does not know, may have recognized it all the same (OBS-11). One that does not follow is of its
 * history, sent again; a change is `unlikely`, since others must then have moved the record on to what it does follow
 * from, which is not sent beside it (CUR-4).
 */
function effectOf(
  stored: Saved | null,
  accepted: Saved,
  sha256: Sha256,
): 'change' | 'none' | 'likely' | 'unlikely' {
  if (stored === null) return 'change'
  if (isSameVersion(stored, accepted)) return 'none'
  if (correctionOf(accepted) === undefined || stored.status === 'draft') return 'change'
  switch (decideAsSystem(stored, accepted, sha256).kind) {
    case 'accept':
      return 'likely'
    case 'duplicate':
      return 'none'
    case 'conflict':
      return 'unlikely'
  }
}

/**
 * The server's version with other words behind it: one that others gave back what it lost meanwhile has corrected that to
 * the same content, and one that they did not has changed nothing.
 */
function isOtherCorrection(stored: Saved | null, accepted: Saved): boolean {
  const id = correctionOf(accepted)
  return id !== undefined && id !== correctionOf(stored)
}

/** The correction that the server is known to have had, with the content that it had. */
function isSameCorrection(known: Saved | null, write: Saved): boolean {
  const id = correctionOf(known)
  return id !== undefined && id === correctionOf(write) && hasSameContent(known as Saved, write)
}

/** What the server was not given of the last accepted write stays beside its side (ENG-33). */
function keepWithheld(
  changeset: Changeset,
  { type, id, writes }: DecidedRecord,
  outcomes: readonly (SyncConflict | null)[],
): void {
  const last = writes.findLast((_write, i) => !outcomes[i])
  if (!last || last.entry.offer) return
  const { withheld: _before, ...record } = changeset.record<EntityType>(type, id)
  const withheld = withheldOf(last.entry, last.known)
  changeset.put({ ...record, ...(withheld && { withheld }) })
}

function leaveOutbox(
  changeset: Changeset,
  { type, id, writes }: DecidedRecord,
  outcomes: readonly (SyncConflict | null)[],
  now: number,
): { parked: LocalConflict[]; accepted: number; superseded: SyncConflict[] } {
  for (const { key, entry } of writes) changeset.dequeue(key, entry)
  const accepted = outcomes.filter((outcome) => outcome === null).length
  const record = changeset.record(type, id)
  const superseded: SyncConflict[] = []
  const lost: { write: SentEntry; conflict: SyncConflict }[] = []
  for (const [i, write] of writes.entries()) {
    const conflict = outcomes[i]
    if (!conflict) continue
    // All are versions of one record.
    const later = [
      ...writes.slice(i + 1).map(({ entry }) => entry.document),
      record.local,
    ] as (Saved | null)[]
    if (conflict.server && isOneOf(conflict.server.record as Saved, later)) superseded.push(conflict)
    else lost.push({ write, conflict })
  }
  const hasNewer = record.queued.length > 0 || isBlocked(record)
  // What the server has under this id is another record: what it once acknowledged is not that one (CUR-8).
  const isTaken = lost.some(({ conflict }) => TAKEN.has(conflict.code))
  changeset.put({
    ...record,
    // Of several that lost, the last is what the person wrote last (ENG-58).
    local: hasNewer ? record.local : (lost.at(-1)?.write.entry.document ?? null),
    acknowledgedAt: accepted > 0 ? now : isTaken ? null : record.acknowledgedAt,
  })
  const parked = lost.map(({ write, conflict }) => {
    const found = { kind: 'server', type, entityId: id, losing: write.entry.document, conflict } as const
    return changeset.addConflict({ ...found, place: positionOf(write), foundAt: now })
  })
  return { parked, accepted, superseded }
}

/** The server has a later write of the same record already: by a lost answer, or by an import of this device's export. */
const isOneOf = (winner: Saved, later: readonly (Saved | null)[]): boolean =>
  later.some((each) => each !== null && isSameVersion(winner, each))

/** True if both have the same content: every field but status, time and correction. */
export const hasSameContent = (a: Saved, b: Saved): boolean =>
  canonicalRecord(a).contentText === canonicalRecord(b).contentText

/** True if both have the same content and status: to the rules they are one version (OBS-3, REC-4). */
export const isSameVersion = (a: Saved, b: Saved): boolean => a.status === b.status && hasSameContent(a, b)
