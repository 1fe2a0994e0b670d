import type { Drain } from './drain.ts'
import type { Measurement, Workload } from './workloads.ts'

export type Figures = {
  callsPerSecond: number
  recordsPerSecond: number
  p50: number
  p95: number
  p99: number
  /** Server CPU per call, milliseconds. */
  cpuPerCall: number
  /** CPU of PostgreSQL per call, milliseconds. */
  databaseCpuPerCall: number
}

/** What the server was compared with on one workload. */
export type Other = {
  name: string
  figures: Figures
  /** Of the rates, ours to its: the median of the rounds. */
  ratio: number
  ratios: number[]
  /** The ratio to reach; null where it is for orientation. */
  aim: number | null
}

export type Comparison = { workload: Workload; ours: Figures; others: Other[] }

export function figures(workload: Workload, run: Measurement): Figures {
  const calls = run.latencies.length
  const sorted = run.latencies.toSorted((a, b) => a - b)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  const records = workload.start === 'beginning' ? workload.maxDownstream : workload.records
  return {
    callsPerSecond: calls / run.seconds,
    recordsPerSecond: (calls * records) / run.seconds,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    cpuPerCall: (run.cpuSeconds / calls) * 1000,
    databaseCpuPerCall: (run.databaseCpuSeconds / calls) * 1000,
  }
}

/**
 * The median of several runs of all sides, and the medians of the ratios.
 * @param rounds a measurement of each side, ours first
 */
export function compare(
  workload: Workload,
  others: readonly { name: string; aim: number | null }[],
  rounds: readonly Measurement[][],
): Comparison {
  const ofSide = (side: number): Measurement[] =>
    rounds.map((round) => {
      const run = round[side]
      if (!run) throw new Error(`a round without side ${side}`)
      return run
    })
  const ours = ofSide(0)
  return {
    workload,
    ours: figures(
      workload,
      median(ours, ({ seconds }) => seconds),
    ),
    others: others.map(({ name, aim }, i) => {
      const runs = ofSide(i + 1)
      const ratios = ours.map((our, round) => rate(our) / rate(runs[round]))
      return {
        name,
        aim,
        figures: figures(
          workload,
          median(runs, ({ seconds }) => seconds),
        ),
        ratio: median(ratios, (ratio) => ratio),
        ratios,
      }
    }),
  }
}

const rate = (run: Measurement | undefined): number => (run ? run.latencies.length / run.seconds : Number.NaN)

function median<T>(values: readonly T[], by: (value: T) => number): T {
  const middle = values.toSorted((a, b) => by(a) - by(b))[Math.floor(values.length / 2)]
  if (middle === undefined) throw new Error('no rounds')
  return middle
}

const HEADINGS = [
  '',
  'calls/s',
  'records/s',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'CPU ms/call',
  'database',
  'ratio',
  'aim',
]

export function table(comparisons: readonly Comparison[]): string {
  const rows = comparisons.flatMap(({ workload, ours, others }) => [
    [`${workload.id} ${workload.title}`],
    ['  fieldsync', ...cells(ours)],
    ...others.map(({ name, figures: its, ratio, ratios, aim }) => [
      `  ${name}`,
      ...cells(its),
      `${ratio.toFixed(2)} (${ratios.map((each) => each.toFixed(2)).join(', ')})`,
      aim === null ? '-' : `${aim}`,
    ]),
  ])
  const all = [HEADINGS, ...rows]
  const widths = HEADINGS.map((_, column) =>
    Math.max(...all.filter((row) => row.length > 1).map((row) => row[column]?.length ?? 0)),
  )
  return all
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  '),
    )
    .join('\n')
}

const cells = ({
  callsPerSecond,
  recordsPerSecond,
  p50,
  p95,
  p99,
  cpuPerCall,
  databaseCpuPerCall,
}: Figures): string[] => [
  callsPerSecond.toFixed(0),
  recordsPerSecond === 0 ? '-' : recordsPerSecond.toFixed(0),
  p50.toFixed(2),
  p95.toFixed(2),
  p99.toFixed(2),
  cpuPerCall.toFixed(2),
  databaseCpuPerCall.toFixed(2),
]

export function drainTable(drains: readonly Drain[]): string {
  const middle = (values: readonly number[]): number => median(values, (value) => value)
  const lines = drains.map(({ store, rounds }) => {
    const ratios = rounds.map(({ drained, bare }) => drained / bare)
    const [written, drained, bare] = (['written', 'drained', 'bare'] as const).map((name) =>
      middle(rounds.map((round) => round[name])).toFixed(0),
    )
    return (
      `${store}: ${written} records/s written, ${drained} drained, ${bare} by bare batches, ` +
      `ratio ${middle(ratios).toFixed(2)} (${ratios.map((each) => each.toFixed(2)).join(', ')})`
    )
  })
  return lines.join('\n')
}
