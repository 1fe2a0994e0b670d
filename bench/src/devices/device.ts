import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { createFieldsyncClient, deviceToken, type FieldsyncClient } from '@fieldsync/client'
import type { LocalStore } from '@fieldsync/sync-engine'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { openNodeSqliteStore } from '@fieldsync/sync-engine/stores/node-sqlite'

import type { BenchClient } from '../clients.ts'

/** A note as a person writes it. */
export type Draft = Parameters<FieldsyncClient['saveObservation']>[0]

/** A real device with an empty store: the client with its engine, as a program uses it. */
export type BenchDevice = AsyncDisposable & {
  /** Writes records. @throws Error where one is refused */
  save(records: readonly Draft[]): Promise<void>
  /** One sync. @throws Error unless everything is sent and the device is at the head of the log */
  sync(): Promise<void>
}

/** Where a device is, and as whom it calls. */
export type DeviceAt = { readonly url: string; readonly client: BenchClient }

export const BENCH_DEVICE = {
  platform: 'android',
  appVersion: '1.0.0',
  modelPackageVersion: '1.0.0',
} as const

type OpenedStore = { store: LocalStore; dispose: () => Promise<void> }

/** A device in this process. */
async function nodeDevice(
  { url, client: { deviceId, token } }: DeviceAt,
  { store, dispose }: OpenedStore,
): Promise<BenchDevice> {
  const client = createFieldsyncClient({
    url,
    credentials: deviceToken(token),
    store,
    device: { deviceId, ...BENCH_DEVICE },
  })
  return {
    save: async (records) => {
      for (const record of records) {
        const saved = await client.saveObservation(record)
        if (!saved.ok) throw new Error(JSON.stringify(saved.issues))
      }
    },
    sync: async () => {
      const { pending, conflicts, state, problem } = await client.sync()
      if (pending + conflicts > 0 || state !== 'idle')
        throw new Error(`${state}: ${problem ?? `${pending} pending, ${conflicts} conflicts`}`)
    },
    [Symbol.asyncDispose]: async () => {
      await client.stop()
      await dispose()
    },
  }
}

export async function memoryDevice(at: DeviceAt): Promise<BenchDevice> {
  const store = await openMemoryStore(new MemoryDisk())
  return await nodeDevice(at, { store, dispose: () => store.close() })
}

export async function sqliteDevice(at: DeviceAt): Promise<BenchDevice> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-device-'))
  const store = await openNodeSqliteStore({ file: path.join(folder, 'field.db') })
  const dispose = async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
  return await nodeDevice(at, { store, dispose })
}
