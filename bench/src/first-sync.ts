import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'

import { type BenchClient, clientAt, clientsIn } from './clients.ts'
import type { Chromium } from './devices/chromium.ts'
import type { Target } from './target.ts'
import { runWorkload, SEQUENTIAL_PUSH } from './workloads.ts'

/** A workspace that a new device joins: so many records, in the one of how many clients. */
type Joined = { readonly records: number; readonly workspaces: number }

export const LARGE: Joined = { records: Number(process.env['BENCH_RECORDS'] ?? 100_000), workspaces: 1 }
/** The small one shows what grows with the number of records. */
export const FIRST_SYNCS: readonly Joined[] = [{ records: LARGE.records / 10, workspaces: 8 }, LARGE]

const BATCH = 500

/** What a first sync took. */
export type FirstSync = {
  store: string
  records: number
  seconds: number
  /** CPU seconds; of a browser those of all its processes. */
  deviceCpuSeconds: number
  serverCpuSeconds: number
  databaseCpuSeconds: number
  /** The most memory that the device's process has had before the sync and in all; of a browser the page's process. */
  idleMegabytes: number
  peakMegabytes: number
}

type OfDevice = Omit<FirstSync, 'store' | 'records' | 'serverCpuSeconds' | 'databaseCpuSeconds'>

/** The first sync of a device with an empty store, by the number of records, on node:sqlite and in Chromium. */
export async function measureFirstSync(
  target: Target,
  databaseCpu: () => number,
  say: (text: string) => void,
  chromium: Chromium | undefined,
): Promise<FirstSync[]> {
  const stores: Record<string, (url: string, client: BenchClient) => Promise<OfDevice>> = {
    'node:sqlite': inProcess,
    ...(chromium && { 'IndexedDB in Chromium': (url, client) => inChromium(chromium, url, client) }),
  }
  const measured: FirstSync[] = []
  let seed = 900
  for (const { records, workspaces } of FIRST_SYNCS) {
    await fillWorkspace(target, { records, workspaces }, seed++, databaseCpu, say)
    const client = clientAt(clientsIn(workspaces)[0] ?? 0)
    for (const [store, sync] of Object.entries(stores)) {
      say(`first sync of ${records.toLocaleString('en')} records on ${store}`)
      const server = target.cpuSeconds()
      const database = databaseCpu()
      measured.push({
        store,
        records,
        ...(await sync(target.url, client)),
        serverCpuSeconds: target.cpuSeconds() - server,
        databaseCpuSeconds: databaseCpu() - database,
      })
    }
  }
  return measured
}

/** Brings an empty workspace to so many records. */
export async function fillWorkspace(
  target: Target,
  { records, workspaces }: Joined,
  seed: number,
  databaseCpu: () => number,
  say: (text: string) => void,
): Promise<void> {
  say(`${records.toLocaleString('en')} records are stored`)
  // Bodies are prepared before they are sent: not all of them at once.
  const most = 100
  for (let left = records / BATCH; left > 0; left -= most) {
    const calls = Math.min(left, most)
    const workload = { ...SEQUENTIAL_PUSH, workspaces, calls, records: BATCH }
    await runWorkload(target, workload, seed * 10 + left, databaseCpu)
  }
}

const CHILD = path.join(import.meta.dirname, 'devices/first-sync-process.ts')

async function inProcess(url: string, { deviceId, token, workspaceId }: BenchClient): Promise<OfDevice> {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, url, deviceId, token, workspaceId])
  return JSON.parse(stdout) as OfDevice
}

async function inChromium(chromium: Chromium, url: string, client: BenchClient): Promise<OfDevice> {
  await using device = await chromium.device({ url, client })
  const before = await chromium.use()
  const started = performance.now()
  await device.sync()
  const seconds = (performance.now() - started) / 1000
  const after = await chromium.use()
  return {
    seconds,
    deviceCpuSeconds: after.cpuSeconds - before.cpuSeconds,
    idleMegabytes: before.peakMegabytes,
    peakMegabytes: after.peakMegabytes,
  }
}

export function firstSyncTable(syncs: readonly FirstSync[]): string {
  return syncs
    .map(
      (sync) =>
        `${sync.store}, ${sync.records.toLocaleString('en')} records: ${sync.seconds.toFixed(1)} s, CPU ` +
        `${sync.deviceCpuSeconds.toFixed(1)} s of the device, ${sync.serverCpuSeconds.toFixed(1)} of the server, ` +
        `${sync.databaseCpuSeconds.toFixed(1)} of the database; memory at most ${sync.peakMegabytes.toFixed(0)} MB, ` +
        `${sync.idleMegabytes.toFixed(0)} before`,
    )
    .join('\n')
}
