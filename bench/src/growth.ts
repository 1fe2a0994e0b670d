import { type FleetName, fleet, FLEETS, phonesOf } from './clients.ts'
import type { BenchDatabase } from './cluster.ts'
import { type FleetCall, fleetCalls } from './fleet-calls.ts'
import { markdown, median, percentile } from './statistics.ts'
import { headCursors, quiet, storeNotes } from './stored-rows.ts'
import type { Target } from './target.ts'
import type { Measurement } from './workloads.ts'

const SMALL = 10_000
const LARGE = Number(process.env['BENCH_ROWS'] ?? 1_000_000)
const CALLS: readonly FleetCall[] = [
  { title: 'batch of 100', records: 100, calls: 60 },
  { title: 'single write', records: 1, calls: 900 },
  { title: 'idle pull', records: 0, calls: 3000 },
]
/** Of what a call may cost at the largest, to the smallest. */
const AIM = 1.2

/** A server with its database. */
export type GrowthSide = { readonly target: Target; readonly database: BenchDatabase }

/** Who calls, and what is stored. */
type Place = { readonly side: GrowthSide; readonly fleet: FleetName; readonly title: string }

export type Growth = {
  series: string
  title: string
  call: string
  p50: number
  p99: number
  /** Milliseconds of CPU for a call. */
  server: number
  database: number
  /** To the first of the series: medians of the rounds' ratios. */
  cpuRatio: number
  latencyRatio: number
}

/**
 * What a call costs as the stored notes grow, and as they are spread over more workspaces, each in turns with the smallest in one
 * run, so that a drift of the machine favors none.
 *
 * @param small a server that stays small
 * @param large one of the same kind, which grows
 */
export async function measureGrowth(
  { small, large }: { small: GrowthSide; large: GrowthSide },
  rounds: number,
  databaseCpu: () => number,
  say: (text: string) => void,
): Promise<Growth[]> {
  const context = { rounds, databaseCpu, say }
  const one = 'one farm'
  await fill(small, one, SMALL, say)
  const measured: Growth[] = []
  let stored = 0
  for (const rows of new Set([Math.min(LARGE, 1_000_000), LARGE])) {
    await fill(large, one, rows - stored, say)
    stored = rows
    measured.push(
      ...(await inTurns(`${count(rows)} stored`, context, [
        { side: small, fleet: one, title: count(SMALL) },
        { side: large, fleet: one, title: count(rows) },
      ])),
    )
  }
  const fleets = ['200 farms', '2,000 farms'] as const
  for (const name of fleets) await fill(large, name, Math.min(LARGE, 1_000_000), say)
  measured.push(
    ...(await inTurns('workspaces', context, [
      { side: large, fleet: one, title: '1 workspace' },
      ...fleets.map((name) => ({
        side: large,
        fleet: name,
        title: `${count(FLEETS[name].workspaces)} workspaces`,
      })),
    ])),
  )
  return measured
}

const count = (number: number): string => number.toLocaleString('en')

/** Stores notes, and lets each phone call once, so that the server knows it. */
async function fill(
  { target, database }: GrowthSide,
  name: FleetName,
  notes: number,
  say: (text: string) => void,
): Promise<void> {
  if (notes > 0) {
    const workspaceIds = fleet(name).map(({ workspaceId }) => workspaceId)
    await storeNotes(database, workspaceIds, notes, say)
  }
  const cursors = await headCursors(database)
  const everyPhone = { title: '', records: 0, calls: phonesOf(name).length }
  await fleetCalls(target, name, everyPhone, { cursors, databaseCpu: () => 0, seed: 0 })
  await quiet(database)
}

let seed = 1

async function inTurns(
  series: string,
  { rounds, databaseCpu, say }: { rounds: number; databaseCpu: () => number; say: (text: string) => void },
  places: readonly Place[],
): Promise<Growth[]> {
  const measured: Growth[] = []
  for (const call of CALLS) {
    const runs: Measurement[][] = places.map(() => [])
    for (let round = 0; round <= rounds; round++) {
      for (let turn = 0; turn < places.length; turn++) {
        const at = (round + turn) % places.length
        const place = places[at]
        if (!place) continue
        const { target, database } = place.side
        const cursors = await headCursors(database)
        const run = await fleetCalls(target, place.fleet, call, { cursors, databaseCpu, seed: seed++ })
        // In the first round code is compiled and caches are filled.
        if (round > 0) runs[at]?.push(run)
      }
    }
    const rows = places.map(({ title }, i) => rowOf(series, title, call, runs[i] ?? [], runs[0] ?? []))
    for (const row of rows)
      say(
        `${series}: ${row.call}, ${row.title}: p50 ${row.p50.toFixed(2)} ms (×${row.latencyRatio.toFixed(2)}), CPU ` +
          `${row.server.toFixed(2)} + ${row.database.toFixed(2)} ms (×${row.cpuRatio.toFixed(2)})`,
      )
    measured.push(...rows)
  }
  return measured
}

function rowOf(
  series: string,
  title: string,
  { title: call }: FleetCall,
  runs: readonly Measurement[],
  first: readonly Measurement[],
): Growth {
  const each = (of: (run: Measurement) => number): number => median(runs.map(of))
  const ratio = (of: (run: Measurement) => number): number =>
    median(runs.map((run, i) => of(run) / (first[i] ? of(first[i]) : Number.NaN)))
  const server = (run: Measurement): number => (run.cpuSeconds / run.latencies.length) * 1000
  const database = (run: Measurement): number => (run.databaseCpuSeconds / run.latencies.length) * 1000
  const p50 = (run: Measurement): number => median(run.latencies)
  return {
    series,
    title,
    call,
    p50: each(p50),
    p99: each((run) => percentile(run.latencies, 0.99)),
    server: each(server),
    database: each(database),
    cpuRatio: ratio((run) => server(run) + database(run)),
    latencyRatio: ratio(p50),
  }
}

export function growthTable(growth: readonly Growth[]): string {
  const headings = [
    '',
    'stored or spread over',
    'p50 ms',
    'p99 ms',
    '×',
    'server CPU ms',
    'database CPU ms',
    '×',
  ]
  const rows = growth.map((row) => [
    row.call,
    row.title,
    row.p50.toFixed(2),
    row.p99.toFixed(2),
    row.latencyRatio.toFixed(2),
    row.server.toFixed(2),
    row.database.toFixed(2),
    `${row.cpuRatio.toFixed(2)}${row.cpuRatio > AIM ? ' !' : ''}`,
  ])
  return markdown(headings, rows)
}
