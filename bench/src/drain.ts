import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { createFieldsyncClient, deviceToken } from '@fieldsync/client'
import type { LocalStore } from '@fieldsync/sync-engine'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { openNodeSqliteStore } from '@fieldsync/sync-engine/stores/node-sqlite'
import { observation, seededRandom } from '@fieldsync/testkit'

import { clientAt } from './clients.ts'
import type { Target } from './target.ts'
import { runWorkload, SEQUENTIAL_PUSH } from './workloads.ts'

/** A phone's outbox after weeks without a network. */
const PENDING = 10_000
/** As the engine sends them. */
const BATCH = 500

/** Records a second of one round. */
export type DrainRound = {
  /** Written on the device, one by one. */
  written: number
  /** From the first batch to an empty queue. */
  drained: number
  /** What the same server accepts in bare batches of the same size, one after the other. */
  bare: number
}

export type Drain = { store: string; rounds: DrainRound[] }

/** How fast a device sends 10,000 pending records, against the server's own rate; on each store of Node. */
export async function measureDrain(
  target: Target,
  databaseCpu: () => number,
  rounds: number,
  say: (text: string) => void,
): Promise<Drain[]> {
  const stores = { memory: memoryStore, 'node:sqlite': sqliteStore }
  const measured: Drain[] = []
  let seed = 700
  for (const [store, open] of Object.entries(stores)) {
    const drain: Drain = { store, rounds: [] }
    for (let round = 0; round < rounds; round++) {
      say(`${PENDING.toLocaleString('en')} pending on ${store}: round ${round + 1} of ${rounds}`)
      const calls = PENDING / BATCH
      const bare = await runWorkload(
        target,
        { ...SEQUENTIAL_PUSH, calls, records: BATCH },
        seed++,
        databaseCpu,
      )
      drain.rounds.push({ ...(await drainOnce(target, open, seed++)), bare: PENDING / bare.seconds })
    }
    measured.push(drain)
  }
  return measured
}

type OpenedStore = { store: LocalStore; dispose: () => Promise<void> }

async function drainOnce(
  { url }: Target,
  open: () => Promise<OpenedStore>,
  seed: number,
): Promise<Omit<DrainRound, 'bare'>> {
  const { store, dispose } = await open()
  const { deviceId, token } = clientAt(0)
  const client = createFieldsyncClient({
    url,
    credentials: deviceToken(token),
    store,
    device: { deviceId, platform: 'android', appVersion: '1.0.0', modelPackageVersion: '1.0.0' },
  })
  try {
    // At the head of the log first: records of others are not part of the measurement.
    await client.sync()
    const rng = seededRandom(seed)
    const records = Array.from({ length: PENDING }, () => observation({ deviceId }, rng))
    const writing = performance.now()
    for (const record of records) {
      const saved = await client.saveObservation(record)
      if (!saved.ok) throw new Error(JSON.stringify(saved.issues))
    }
    const draining = performance.now()
    const { pending, conflicts, problem } = await client.sync()
    const ended = performance.now()
    if (pending + conflicts > 0) throw new Error(`not drained: ${problem ?? 'conflicts'}`)
    return {
      written: (PENDING / (draining - writing)) * 1000,
      drained: (PENDING / (ended - draining)) * 1000,
    }
  } finally {
    await client.stop()
    await dispose()
  }
}

async function memoryStore(): Promise<OpenedStore> {
  const store = await openMemoryStore(new MemoryDisk())
  return { store, dispose: () => store.close() }
}

async function sqliteStore(): Promise<OpenedStore> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-drain-'))
  const store = await openNodeSqliteStore({ file: path.join(folder, 'field.db') })
  const dispose = async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { store, dispose }
}
