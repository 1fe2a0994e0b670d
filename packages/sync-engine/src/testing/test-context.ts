import {
  CorrectionId,
  DeviceId,
  ObservationId,
  PatchId,
  RecommendationId,
  SyncId,
  WorkspaceId,
} from '@fieldsync/contracts'
import type { Role } from '@fieldsync/domain'
import { mintId, seededRandom, sha256, ulidAt } from '@fieldsync/testkit'

import type { Changeset } from '../core/changeset.ts'
import { type EngineContext, transact } from '../core/engine-context.ts'
import type { EngineEvent } from '../core/engine-events.ts'
import { type readMeta, writeMeta } from '../core/engine-meta.ts'
import { DEFAULT_SETTINGS, type EngineSettings } from '../core/engine-options.ts'
import { type EntityType, type LocalRecord, type OutboxEntry, recordKey } from '../core/local-record.ts'
import { sequenceKey, type WriteTransaction } from '../core/local-store.ts'
import { MemoryDisk, openMemoryStore } from '../stores/memory/memory-store.ts'
import { nameOf, START } from './documents.ts'
import { diskTables } from './stored-state.ts'

export const DEVICE = DeviceId.parse('dev_scout_1')

/** A record by its name, and what is known of it. */
export type KnownRecord = Pick<LocalRecord, 'type' | 'id'> & Partial<LocalRecord>

export type QueuedWrite = Pick<OutboxEntry, 'document'> & Partial<OutboxEntry>

type MetaName = Parameters<typeof readMeta>[1][number]

/** What the parts of an engine share, on a store in memory: what a test brings, and defaults for the rest. */
export async function memoryContext(given: Partial<EngineContext> & Pick<EngineContext, 'clock' | 'ids'>) {
  const disk = new MemoryDisk()
  const store = await openMemoryStore(disk)
  const events: EngineEvent[] = []
  const context: EngineContext = {
    store,
    sha256,
    settings: DEFAULT_SETTINGS,
    deviceId: DEVICE,
    address: 'https://sync.test',
    session: { isDue: false },
    disownedBy: null,
    actor: {
      kind: 'device',
      workspaceId: WorkspaceId.parse('ws_test'),
      deviceId: DEVICE,
      role: 'agronomist',
    },
    stored: () => undefined,
    ownership: () => undefined,
    wiping: () => undefined,
    emit: (event) => events.push(event),
    ...given,
  }
  return { disk, store, events, context }
}

/**
 * A context for tests of a single part. Time is the test's: it moves on
 * where something waits, which then has waited at once.
 */
export async function testContext({
  settings = {},
  role = 'agronomist',
}: { settings?: Partial<EngineSettings>; role?: Role } = {}) {
  const waits: number[] = []
  const time = { now: START }
  const random = seededRandom(1)
  const minted = (prefix: 'obs' | 'rec' | 'pch') => mintId(prefix, random, new Date(time.now).toISOString())
  const { disk, events, context } = await memoryContext({
    clock: {
      now: () => time.now,
      after: (milliseconds, callback) => {
        let isDue = true
        waits.push(milliseconds)
        queueMicrotask(() => {
          if (!isDue) return
          time.now += milliseconds
          callback()
        })
        return () => {
          isDue = false
        }
      },
    },
    ids: {
      observation: () => ObservationId.parse(minted('obs')),
      recommendation: () => RecommendationId.parse(minted('rec')),
      patch: () => PatchId.parse(minted('pch')),
      correction: () => CorrectionId.parse(`cor_${ulidAt(random, time.now)}`),
      sync: () => SyncId.parse(`syn_${ulidAt(random, time.now)}`),
    },
    settings: { ...DEFAULT_SETTINGS, ...settings },
    actor: { kind: 'device', workspaceId: WorkspaceId.parse('ws_test'), deviceId: DEVICE, role },
  })
  return {
    context,
    events,
    /** How long was waited for, milliseconds. */
    waits,
    time,
    change: <T>(work: (changeset: Changeset, transaction: WriteTransaction) => Promise<T>): Promise<T> =>
      transact(context, work),
    /** Stores single values of the engine as they are. */
    store: (values: Partial<Record<MetaName, unknown>>): Promise<void> =>
      transact(context, async (_, transaction) => {
        for (const [name, value] of Object.entries(values)) {
          await writeMeta(transaction, name as MetaName, value as never)
        }
      }),
    stored: (name: MetaName): unknown => diskTables(disk).values.get(name),
    tables: () => diskTables(disk),
    /** What the device knows of some records; the server’s side of each counts in the state hash. */
    know: (...known: KnownRecord[]): Promise<void> =>
      transact(context, async (changeset) => {
        for (const { type, id, server, ...more } of known) {
          await changeset.read<EntityType>(type, id)
          if (server) changeset.putServer<EntityType>(type, id, server)
          changeset.put({ ...changeset.record<EntityType>(type, id), ...more })
        }
      }),
    record: ({ type, id }: { type: EntityType; id: string }): LocalRecord | undefined =>
      diskTables(disk).records.get(recordKey(type, id)),
    /** Queues writes as they are. @returns their places in the outbox */
    queue: (...entries: QueuedWrite[]): Promise<string[]> =>
      transact(context, async (changeset) => {
        const keys: string[] = []
        for (const { document, ...more } of entries) {
          const entry: OutboxEntry = { ...nameOf(document), document, writtenAt: time.now, ...more }
          await changeset.load([entry])
          if ('patchId' in document) await changeset.read('playbook', document.playbookId)
          keys.push(sequenceKey(changeset.queue.nextSequence))
          changeset.enqueue(entry)
        }
        return keys
      }),
  }
}
