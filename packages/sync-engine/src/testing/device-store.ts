import {
  type CorrectionId,
  ObservationId,
  PatchId,
  RecommendationId,
  type SyncId,
} from '@fieldsync/contracts'
import { sha256 } from '@fieldsync/testkit'

import { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { ForeignStore } from '../core/foreign-store.ts'
import type { WriteTransaction } from '../core/local-store.ts'
import { diskTables, type DiskTables, storeFindings } from './stored-state.ts'
import { memoryContext } from './test-context.ts'

type Work<T> = (changeset: Changeset, transaction: WriteTransaction) => Promise<T> | T

/** The time on the clock of {@link deviceStore}. */
export const NOW = Date.parse('2026-02-11T20:00:00Z')

/** What a device keeps, on a store in memory, for tests of what changes it without a server: the device is `dev_scout_1`. */
export async function deviceStore(options: Partial<EngineContext> = {}) {
  const found: (ForeignStore | null)[] = []
  let minted = 0
  // Ids that no builder of records gives.
  const next = (prefix: string) => `${prefix}_20260211_${String(9000 + minted++)}`
  const { disk, store, events, context } = await memoryContext({
    clock: { now: () => NOW, after: () => () => undefined },
    ids: {
      observation: () => ObservationId.parse(next('obs')),
      recommendation: () => RecommendationId.parse(next('rec')),
      patch: () => PatchId.parse(next('pch')),
      correction: () => next('cor') as CorrectionId,
      sync: () => next('syn') as SyncId,
    },
    ownership: (foreign) => found.push(foreign),
    ...options,
  })
  return {
    store,
    context,
    /** What was emitted. */
    events,
    /** What was published about the owner of the store. */
    found,
    /** Makes one change, and writes it. */
    change: <T>(work: Work<T>): Promise<T> =>
      store.write(async (transaction) => {
        const changeset = await Changeset.open(transaction, sha256)
        const value = await work(changeset, transaction)
        await changeset.flush(transaction)
        return value
      }),
    tables: (): DiskTables => diskTables(disk),
    /** What does not agree in it. */
    findings: (): string[] => storeFindings(diskTables(disk)),
  }
}

export type DeviceStore = Awaited<ReturnType<typeof deviceStore>>
