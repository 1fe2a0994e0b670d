import { sha256 } from '@fieldsync/testkit'

import { Changeset } from '../core/changeset.ts'
import type { WriteTransaction } from '../core/local-store.ts'
import { MemoryDisk, openMemoryStore } from '../stores/memory/memory-store.ts'
import { diskTables, type DiskTables, storeFindings } from './stored-state.ts'

type Work<T> = (changeset: Changeset, transaction: WriteTransaction) => Promise<T> | T

/** What a device keeps, on a store in memory, for tests of what changes it without an engine. */
export async function deviceStore() {
  const disk = new MemoryDisk()
  const store = await openMemoryStore(disk)
  return {
    store,
    /** Makes one change, and writes it. */
    change: <T>(work: Work<T>): Promise<T> =>
      store.write(async (transaction) => {
        const changeset = await Changeset.open(transaction, sha256)
        const value = await work(changeset, transaction)
        await changeset.flush(transaction)
        return value
      }),
    get tables(): DiskTables {
      return diskTables(disk)
    },
    /** What does not agree in it. */
    findings: (): string[] => storeFindings(diskTables(disk)),
  }
}
