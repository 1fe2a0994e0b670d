import type { LocalConflict } from '../model/local-conflict.ts'
import type { OutboxEntry } from '../model/outbox-entry.ts'
import type { LocalStore } from '../ports/local-store.ts'

/** Everything on the device that the server does not have, for people who have to rescue it. JSON as it is. */
export type ExportedQueue = { entries: OutboxEntry[]; conflicts: LocalConflict[] }

/** Reads the queue in one consistent view, in its order (ENG-12). */
export const exportQueue = (store: LocalStore): Promise<ExportedQueue> =>
  store.read(async (transaction) => ({
    entries: (await transaction.list('outbox')).map(([, entry]) => entry),
    conflicts: (await transaction.list('conflicts')).map(([, conflict]) => conflict),
  }))
