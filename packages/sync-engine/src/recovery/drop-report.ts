import { writeKept } from '../model/kept-values.ts'
import type { WriteTransaction } from '../ports/local-store.ts'

/** Forgets what was to be reported: the server does not take it, and records must not wait for that. */
export async function dropReport(transaction: WriteTransaction): Promise<void> {
  await writeKept(transaction, 'resolved', undefined)
  await writeKept(transaction, 'drift', undefined)
}
