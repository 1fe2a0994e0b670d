import type { SyncBatchResponse } from '@fieldsync/contracts'
import { witnessedNote } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import { readMeta, writeMeta } from '../core/engine-meta.ts'
import { readOwner } from '../core/foreign-store.ts'
import type { WriteTransaction } from '../core/local-store.ts'

/** Stores the checkpoint of an answer if it is newer than what is there; anything else changes nothing (ENG-85). */
export async function storeCheckpoint(
  changeset: Changeset,
  transaction: WriteTransaction,
  { checkpoint }: Pick<SyncBatchResponse, 'checkpoint'>,
): Promise<void> {
  if (checkpoint === undefined) return
  const { owner } = changeset.position
  const uid = owner === null ? null : readOwner(owner).workspaceUid
  const [stored] = await readMeta(transaction, ['checkpoint'])
  const next = witnessedNote(stored, checkpoint, uid)
  if (next !== stored) await writeMeta(transaction, 'checkpoint', next)
}
