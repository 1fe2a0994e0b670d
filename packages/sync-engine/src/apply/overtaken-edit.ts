import type { ConflictCode, ConflictResolution, Observation, Recommendation } from '@fieldsync/contracts'
import type { Sha256 } from '@fieldsync/domain'

import type { Ledger } from '../ledger/ledger.ts'
import type { LocalRecord } from '../model/local-record.ts'
import type { QueuedEntry } from '../model/outbox-entry.ts'
import { sequenceKey } from '../ports/local-store.ts'
import { judgeAsSystem } from './judge-as-system.ts'

type Saved = Observation | Recommendation

/** A queued edit that what came down has overtaken. */
export type OvertakenEdit = {
  queued: QueuedEntry
  server: Saved | null
  code: ConflictCode | null
  resolution: ConflictResolution
  message: string
}

/**
 * The first queued edit of a record that the rules refuse on top of its new server side, each edit on top of the one
 * before. Edits that may have been judged before are left to the server: it knows its history.
 */
export function overtaken(
  ledger: Ledger,
  record: LocalRecord,
  queued: readonly QueuedEntry[],
  sha256: Sha256,
): OvertakenEdit | undefined {
  // Only observations and recommendations come down over a queued edit.
  const server = record.server as Saved | null
  if (server === null) return undefined
  const settled = sequenceKey(ledger.queue.unsettledBefore)
  let current = server
  for (const each of queued) {
    if (each.key < settled) return undefined
    const edit = each.entry.document as Saved
    const decision = judgeAsSystem(current, edit, sha256)
    if (decision.kind === 'conflict') {
      const { code, resolution, message } = decision
      return { queued: each, server, code, resolution, message }
    }
    if (decision.kind === 'accept') current = edit
  }
  return undefined
}

/** The first queued edit of a record that was deleted: sent, it would make the record anew, which a person decides. */
export function deletedUnder(
  _ledger: Ledger,
  _record: LocalRecord,
  [first]: readonly QueuedEntry[],
): OvertakenEdit | undefined {
  if (!first) return undefined
  const message = 'This record was deleted meanwhile: send yours as a new one, or drop it.'
  return { queued: first, server: null, code: null, resolution: 'resubmit', message }
}
