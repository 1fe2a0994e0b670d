import type { ConflictId, ConflictResolution } from '@fieldsync/contracts'

import { readKept, writeKept } from './engine-meta.ts'
import type { WriteTransaction } from './ports/local-store.ts'

export type Resolution = ConflictResolution | 'discard'

/** What the server filed in its work queue is told with the next call (CNF-10). */
export async function rememberResolved(
  transaction: WriteTransaction,
  conflictId: ConflictId,
  resolution: Resolution,
): Promise<void> {
  const [resolved] = await readKept(transaction, ['resolved'])
  await writeKept(transaction, 'resolved', [...(resolved ?? []), { conflictId, resolution }])
}

/** Forgets what was to be reported: the server does not take it, and records must not wait for that. */
export async function dropReport(transaction: WriteTransaction): Promise<void> {
  await writeKept(transaction, 'resolved', undefined)
  await writeKept(transaction, 'drift', undefined)
}
