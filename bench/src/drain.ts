import { observation, seededRandom } from '@fieldsync/testkit'

import { clientAt } from './clients.ts'
import type { Chromium } from './devices/chromium.ts'
import { type BenchDevice, type DeviceAt, memoryDevice, sqliteDevice } from './devices/device.ts'
import type { Target } from './target.ts'
import { runWorkload, SEQUENTIAL_PUSH } from './workloads.ts'

/** A phone's outbox after weeks without a network. */
const PENDING = 10_000
/** As the engine sends them. */
const BATCH = 500

/** Records a second of one round. */
export type DrainRound = {
  /** Written on the device, one by one; for a browser in memory. */
  written: number
  /** From the first batch to an empty queue. */
  drained: number
  /** What the same server accepts in bare batches of the same size, one after the other. */
  bare: number
}

export type Drain = { store: string; rounds: DrainRound[] }

/**
 * How fast a device sends 10,000 pending records, against the server's own rate; on each store.
 *
 * @param chromium where the store of browsers is measured, too
 * @param only this store
 */
export async function measureDrain(
  target: Target,
  databaseCpu: () => number,
  rounds: number,
  say: (text: string) => void,
  chromium: Chromium | undefined,
  only?: string,
): Promise<Drain[]> {
  const devices: Record<string, (at: DeviceAt) => Promise<BenchDevice>> = {
    memory: memoryDevice,
    'node:sqlite': sqliteDevice,
    ...(chromium && { 'IndexedDB in Chromium': (at) => chromium.device(at) }),
  }
  const measured: Drain[] = []
  let seed = 700
  for (const [store, open] of Object.entries(devices)) {
    if (only !== undefined && only !== store) continue
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

async function drainOnce(
  { url }: Target,
  open: (at: DeviceAt) => Promise<BenchDevice>,
  seed: number,
): Promise<Omit<DrainRound, 'bare'>> {
  const client = clientAt(0)
  await using device = await open({ url, client })
  // At the head of the log first: records of others are not part of the measurement.
  await device.sync()
  const rng = seededRandom(seed)
  const { deviceId } = client
  const records = Array.from({ length: PENDING }, () => observation({ deviceId }, rng))
  const writing = performance.now()
  await device.save(records)
  const draining = performance.now()
  await device.sync()
  const ended = performance.now()
  return {
    written: (PENDING / (draining - writing)) * 1000,
    drained: (PENDING / (ended - draining)) * 1000,
  }
}
