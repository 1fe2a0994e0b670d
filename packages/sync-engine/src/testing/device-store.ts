import {
  type CorrectionId,
  DeviceId,
  ObservationId,
  PatchId,
  RecommendationId,
  type SyncId,
  WorkspaceId,
} from '@fieldsync/contracts'
import { sha256 } from '@fieldsync/testkit'

import { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { EngineEvent } from '../core/engine-events.ts'
import { DEFAULT_SETTINGS } from '../core/engine-options.ts'
import type { ForeignStore } from '../core/foreign-store.ts'
import type { WriteTransaction } from '../core/local-store.ts'
import { MemoryDisk, openMemoryStore } from '../stores/memory/memory-store.ts'
import { diskTables, type DiskTables, storeFindings } from './stored-state.ts'

type Work<T> = (changeset: Changeset, transaction: WriteTransaction) => Promise<T> | T

/** The time on the clock of {@link deviceStore}. */
export const NOW = Date.parse('2026-02-11T20:00:00Z')

/** What a device keeps, on a store in memory, for tests of what changes it without a server: the device is `dev_scout_1`. */
export async function deviceStore(options: Partial<EngineContext> = {}) {
  const disk = new MemoryDisk()
  const store = await openMemoryStore(disk)
  const events: EngineEvent[] = []
  const found: (ForeignStore | null)[] = []
  const deviceId = DeviceId.parse('dev_scout_1')
  let minted = 0
  // Ids that no builder of records gives.
  const next = (prefix: string) => `${prefix}_20260211_${String(9000 + minted++)}`
  const context: EngineContext = {
    store,
    clock: { now: () => NOW, after: () => () => undefined },
    ids: {
      observation: () => ObservationId.parse(next('obs')),
      recommendation: () => RecommendationId.parse(next('rec')),
      patch: () => PatchId.parse(next('pch')),
      correction: () => next('cor') as CorrectionId,
      sync: () => next('syn') as SyncId,
    },
    sha256,
    settings: DEFAULT_SETTINGS,
    deviceId,
    address: 'https://here.example',
    session: { isDue: false },
    disownedBy: null,
    actor: { kind: 'device', workspaceId: WorkspaceId.parse('ws_test'), deviceId, role: 'agronomist' },
    stored: () => undefined,
    ownership: (foreign) => found.push(foreign),
    wiping: () => undefined,
    emit: (event) => events.push(event),
    ...options,
  }
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
