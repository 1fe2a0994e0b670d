import type { Observation, Recommendation, SyncConflict } from '@fieldsync/contracts'
import type { Sha256 } from '@fieldsync/domain'

import type { Ledger } from '../ledger/ledger.ts'
import { isBlocked } from '../model/blank-record.ts'
import type { LocalConflict } from '../model/local-conflict.ts'
import { placeOf, type QueuedEntry } from '../model/outbox-entry.ts'
import { attributeConflicts, judgedAs } from './attribute-conflicts.ts'
import { judgeAsSystem } from './judge-as-system.ts'
import { hasSameContent, isSameVersion } from './same-version.ts'

type Saved = Observation | Recommendation

/** The writes of one record in a batch, and what the answer says about it. */
export type JudgedRecord = {
  type: 'observation' | 'recommendation'
  id: string
  /** In the order they were sent. */
  writes: readonly QueuedEntry[]
  conflicts: readonly { conflict: SyncConflict; winner: object | undefined }[]
}

/**
 * Takes over the outcome of one record's writes: accepted ones become the server's side, the others conflicts with the
 * losing value (ENG-7). An edit that was made since stays pending.
 *
 * @returns the conflicts that a person has to resolve, how many writes were accepted, and the version that the server has
 *   if a correction that was taken for a known one was not
 */
export function settleRecord(
  ledger: Ledger,
  judged: JudgedRecord,
  now: number,
  sha256: Sha256,
): { laidAside: LocalConflict[]; accepted: number; otherwise: Saved | null } {
  const { type, id, writes } = judged
  // Entries of a record are of its type.
  const documents = writes.map(({ entry }) => entry.document as Saved)
  const outcomes = attributeConflicts(
    documents,
    judged.conflicts.map(({ conflict }) => conflict),
    (current, incoming) => judgedAs(judgeAsSystem(current, incoming, sha256)),
    isSameVersion,
    (write) => isSameCorrection(ledger.record(type, id).server, write),
  )
  let server: { record: Saved; raw: object } | null = null
  let stored = ledger.record(type, id).server
  let otherwise: Saved | null = null
  for (const [i, document] of documents.entries()) {
    const conflict = outcomes[i]
    if (!conflict) {
      const effect = effectOf(stored, document, sha256)
      if (effect === 'change') server = { record: document, raw: document }
      if (effect !== 'none') otherwise = effect === 'unsure' ? document : null
    } else if (conflict.server) {
      const record = conflict.server.record as Saved
      const winner = judged.conflicts.find((each) => each.conflict === conflict)?.winner
      server = { record, raw: winner ?? record }
    }
    stored = server?.record ?? stored
  }
  if (server) ledger.putServer<'observation' | 'recommendation'>(type, id, server.record, server.raw)
  return { ...leaveOutbox(ledger, judged, outcomes, now), otherwise }
}

/**
 * What an accepted write did: `none` if the server has that version already or knew the correction, and keeps its own
 * text. A correction that does not follow from what the server is known to hold is of its history, sent again (OBS-11);
 * unless others have moved the record on to what it does follow from, which is not told beside it (CUR-4): `unsure`.
 */
function effectOf(stored: Saved | null, accepted: Saved, sha256: Sha256): 'change' | 'none' | 'unsure' {
  if (stored === null) return 'change'
  if (isSameVersion(stored, accepted)) return 'none'
  const corrects = 'correction' in accepted && accepted.correction !== undefined
  if (!corrects || stored.status === 'draft') return 'change'
  switch (judgeAsSystem(stored, accepted, sha256).kind) {
    case 'accept':
      return 'change'
    case 'duplicate':
      return 'none'
    case 'conflict':
      return 'unsure'
  }
}

/** The correction that the server is known to have had, with the content that it had. */
const isSameCorrection = (known: Saved | null, write: Saved): boolean =>
  known !== null &&
  'correction' in known &&
  'correction' in write &&
  known.correction !== undefined &&
  known.correction.correctionId === write.correction?.correctionId &&
  hasSameContent(known, write)

function leaveOutbox(
  ledger: Ledger,
  { type, id, writes }: JudgedRecord,
  outcomes: readonly (SyncConflict | null)[],
  now: number,
): { laidAside: LocalConflict[]; accepted: number } {
  for (const { key, entry } of writes) ledger.dequeue(key, entry)
  const accepted = outcomes.filter((outcome) => outcome === null).length
  const record = ledger.record(type, id)
  ledger.put({
    ...record,
    local: record.queued.length > 0 || isBlocked(record) ? record.local : null,
    acknowledgedAt: accepted > 0 ? now : record.acknowledgedAt,
  })
  const laidAside = writes.flatMap((write, i) => {
    const conflict = outcomes[i]
    if (!conflict) return []
    const losing = write.entry.document
    const place = placeOf(write)
    return [ledger.addConflict({ kind: 'server', type, entityId: id, losing, place, foundAt: now, conflict })]
  })
  return { laidAside, accepted }
}
