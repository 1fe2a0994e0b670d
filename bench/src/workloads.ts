import { observation, seededRandom, ulidAt } from '@fieldsync/testkit'

import { clientAt, clientsIn } from './clients.ts'
import type { PreparedCall } from './dialects.ts'
import type { Target } from './target.ts'

/** How a workload looks to one client: its calls are made one after the other, each from the cursor of the last. */
export type Workload = {
  id: 'W1' | 'W2' | 'W3' | 'W4' | 'W5' | 'W6' | 'W2/8' | 'W2/200' | 'W3/8' | 'W3/200'
  title: string
  clients: number
  /** Workspaces that the clients are spread over: one, or one each. */
  workspaces: number
  calls: number
  /** New observations in each call. */
  records: number
  /** Pages of this size are pulled; for pushes the minimum, so that the write is measured. */
  maxDownstream: number
  /** Ratio to the plain ceiling that is aimed at. */
  aim: number
  /** With keys, ratio to the same server with tokens. */
  keyedAim?: number
  /** Where a client starts: at the beginning of the log, or at its head. */
  start: 'beginning' | 'head'
  /** Answers are requested compressed; the ceiling sends them uncompressed all the same. */
  gzip?: true
}

/** Records that W4 pulls; they exist before it starts. */
export const STORED_RECORDS = 20_000

/** One phone that sends one full batch after the other. */
export const SEQUENTIAL_PUSH: Workload = {
  id: 'W1',
  title: '200 sequential batches of 100',
  clients: 1,
  workspaces: 1,
  calls: 200,
  records: 100,
  maxDownstream: 1,
  aim: 0.8,
  start: 'head',
}

export const WORKLOADS: readonly Workload[] = [
  SEQUENTIAL_PUSH,
  {
    id: 'W2',
    title: '8 clients × 50 batches of 100',
    clients: 8,
    workspaces: 1,
    calls: 50,
    records: 100,
    maxDownstream: 1,
    aim: 0.8,
    start: 'head',
  },
  {
    id: 'W3',
    title: '8 clients × 250 batches of 1',
    clients: 8,
    workspaces: 1,
    calls: 250,
    records: 1,
    maxDownstream: 1,
    aim: 1.5,
    keyedAim: 0.9,
    start: 'head',
  },
  {
    id: 'W4',
    title: 'pull 20,000 by pages of 1,000',
    clients: 1,
    workspaces: 1,
    calls: 20,
    records: 0,
    maxDownstream: 1000,
    aim: 0.8,
    start: 'beginning',
  },
  {
    id: 'W5',
    title: '8 clients × 500 pulls, nothing new',
    clients: 8,
    workspaces: 1,
    calls: 500,
    records: 0,
    maxDownstream: 500,
    aim: 0.8,
    keyedAim: 0.6,
    start: 'head',
  },
  {
    id: 'W6',
    title: 'W4 with compressed pages',
    clients: 1,
    workspaces: 1,
    calls: 20,
    records: 0,
    maxDownstream: 1000,
    aim: 0.6,
    start: 'beginning',
    gzip: true,
  },
  ...[8, 200].flatMap(inWorkspaces),
]

/** W2 and W3 where each phone has a workspace of its own; as many calls in all. */
function inWorkspaces(workspaces: number): Workload[] {
  const common = { clients: workspaces, workspaces, maxDownstream: 1, start: 'head' } as const
  const titled = (calls: number, records: number): string =>
    `${workspaces} workspaces × ${calls} batches of ${records}`
  const [full, small] = [400 / workspaces, 2000 / workspaces]
  return [
    {
      ...common,
      id: workspaces === 8 ? 'W2/8' : 'W2/200',
      title: titled(full, 100),
      calls: full,
      records: 100,
      aim: 0.8,
    },
    {
      ...common,
      id: workspaces === 8 ? 'W3/8' : 'W3/200',
      title: titled(small, 1),
      calls: small,
      records: 1,
      aim: 1,
    },
  ]
}

export type Measurement = {
  seconds: number
  cpuSeconds: number
  databaseCpuSeconds: number
  /** Milliseconds, one a call. */
  latencies: number[]
}

const NOW = Date.parse('2026-02-11T18:00:00Z')

/**
 * A seed of its own for every run, so that every record is new to its database.
 *
 * @param databaseCpu CPU seconds that the database has used so far
 * @param from the cursor to start at; found by walking the log unless given
 */
export async function runWorkload(
  target: Target,
  workload: Workload,
  seed: number,
  databaseCpu: () => number,
  from?: string,
): Promise<Measurement> {
  const clients = clientsIn(workload.workspaces).slice(0, workload.clients)
  const prepared = clients.map((client) => prepare(target, workload, client, seed * 1000 + client))
  target.reconnect()
  const starts: string[] = []
  for (const client of clients) {
    // A cursor is the workspace's, not the client's: one walk to the head serves all that share it.
    const known = workload.workspaces === 1 ? starts[0] : undefined
    starts.push(from ?? known ?? (await startingCursor(target, workload, client, seed)))
  }
  const latencies: number[] = []
  const cpu = target.cpuSeconds()
  const ofDatabase = databaseCpu()
  const started = performance.now()
  await Promise.all(
    prepared.map(async (calls, i) => {
      let cursor = starts[i] ?? ''
      for (const call of calls) {
        const sent = performance.now()
        const answer = await target.send(clients[i] ?? 0, call(cursor), workload.gzip)
        latencies.push(performance.now() - sent)
        ;({ cursor } = target.dialect.next(answer, cursor))
      }
    }),
  )
  return {
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: target.cpuSeconds() - cpu,
    databaseCpuSeconds: databaseCpu() - ofDatabase,
    latencies,
  }
}

// Bodies are built before the clock starts: building them is not part of the measurement.
function prepare(
  { dialect }: Target,
  { calls, records, maxDownstream }: Workload,
  client: number,
  seed: number,
): PreparedCall[] {
  const rng = seededRandom(seed)
  const { deviceId } = clientAt(client)
  return Array.from({ length: calls }, () => {
    const key = `syn_${ulidAt(rng, NOW)}`
    const observations = Array.from({ length: records }, () => observation({ deviceId }, rng))
    return dialect.prepare({ key, deviceId, observations, maxDownstream })
  })
}

/** The beginning of the log, or its head, which is found by a walk through all pages. */
async function startingCursor(
  target: Target,
  workload: Workload,
  client: number,
  seed: number,
): Promise<string> {
  let cursor = ''
  if (workload.start === 'beginning') return cursor
  const rng = seededRandom(seed * 1000 + 999)
  const { deviceId } = clientAt(client)
  for (;;) {
    const key = `syn_${ulidAt(rng, NOW)}`
    const page = target.dialect.prepare({ key, deviceId, observations: [], maxDownstream: 1000 })
    const next = target.dialect.next(await target.send(client, page(cursor)), cursor)
    cursor = next.cursor
    if (!next.hasMore) return cursor
  }
}
