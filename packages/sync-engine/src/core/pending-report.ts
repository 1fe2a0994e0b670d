import type { ConflictId, ConflictResolution } from '@fieldsync/contracts'

import { readMeta, writeMeta } from './engine-meta.ts'
import type { WriteTransaction } from './ports/local-store.ts'

export type Resolution = ConflictResolution | 'discard'

/** What the server filed in its work queue is told with the next call (CNF-10). */
export async function rememberResolved(
  transaction: WriteTransaction,
  conflictId: ConflictId,
  resolution: Resolution,
): Promise<void> {
  const [resolved] = await readMeta(transaction, ['resolved'])
  await writeMeta(transaction, 'resolved', [...(resolved ?? []), { conflictId, resolution }])
}

/** Forgets what was to be reported: the server does not take it, and records must not wait for that. */
export async function clearReport(transaction: WriteTransaction): Promise<void> {
  await writeMeta(transaction, 'resolved', undefined)
  await writeMeta(transaction, 'drift', undefined)
}
