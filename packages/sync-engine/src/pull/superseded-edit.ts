import type { ConflictCode, ConflictResolution, Observation, Recommendation } from '@fieldsync/contracts'
import type { Sha256 } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import { decideAsSystem } from '../core/likely-conflict.ts'
import type { LocalRecord, QueuedEntry } from '../core/local-record.ts'
import { sequenceKey } from '../core/local-store.ts'

type Saved = Observation | Recommendation

/** A queued edit that what came down has overtaken. */
type SupersededEdit = {
  queued: QueuedEntry
  server: Saved | null
  code: ConflictCode | null
  resolution: ConflictResolution
  message: string
}

/**
 * The first queued edit of a record, if the rules refuse it on top of the new server side. The ones behind were written on
 * top of the first: what comes down does not change how they fare. An edit that may have been decided on before is left to
 * the server: it knows its history.
 */
export function supersededEdit(
  changeset: Changeset,
  record: LocalRecord,
  [first]: readonly QueuedEntry[],
  sha256: Sha256,
): SupersededEdit | undefined {
  // It has just come down, and only observations and recommendations do so over a queued edit.
  const server = record.server as Saved
  if (!first || first.key < sequenceKey(changeset.queue.unsettledBefore)) return undefined
  const decision = decideAsSystem(server, first.entry.document as Saved, sha256)
  if (decision.kind !== 'conflict') return undefined
  const { code, resolution, message } = decision
  return { queued: first, server, code, resolution, message }
}

/** The first queued edit of a record that was deleted: sent, it would create the record again, which a person decides. */
export function deletedUnder(
  _changeset: Changeset,
  _record: LocalRecord,
  [first]: readonly QueuedEntry[],
): SupersededEdit | undefined {
  if (!first) return undefined
  const message = 'This record was deleted meanwhile: send yours as a new one, or drop it.'
  return { queued: first, server: null, code: null, resolution: 'resubmit', message }
}
