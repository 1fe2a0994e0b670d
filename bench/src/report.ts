import type { Drain } from './drain.ts'
import type { Growth } from './growth.ts'
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

export type Comparison = {
  workload: Workload
  ours: Figures
  ceiling: Figures
  ratio: number
  ratios: number[]
}

export function figures(workload: Workload, run: Measurement): Figures {
  const calls = workload.clients * workload.calls
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

/** The median of several runs of both sides, and the median of their ratios. */
export function compare(
  workload: Workload,
  rounds: readonly { ours: Measurement; ceiling: Measurement }[],
): Comparison {
  const ratios = rounds.map(({ ours, ceiling }) => ceiling.seconds / ours.seconds)
  const middle = (runs: Measurement[]) => {
    const run = runs.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(runs.length / 2)]
    if (!run) throw new Error('no rounds')
    return figures(workload, run)
  }
  return {
    workload,
    ours: middle(rounds.map(({ ours }) => ours)),
    ceiling: middle(rounds.map(({ ceiling }) => ceiling)),
    ratio: ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? Number.NaN,
    ratios,
  }
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

/** @param other what the server was compared with */
export function table(comparisons: readonly Comparison[], other: string): string {
  const rows = comparisons.flatMap(({ workload, ours, ceiling, ratio, ratios }) => [
    [`${workload.id} ${workload.title}`],
    [
      '  fieldsync',
      ...cells(ours),
      `${ratio.toFixed(2)} (${ratios.map((each) => each.toFixed(2)).join(', ')})`,
      `${workload.aim}`,
    ],
    [`  ${other}`, ...cells(ceiling)],
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

export function growthTable(growth: readonly Growth[]): string {
  const [first] = growth
  const lines = growth.map(
    ({ records, batchMs, pullMs }) =>
      `${records.toLocaleString('en').padStart(10)} records stored: batch of 100 ${batchMs.toFixed(2)} ms ` +
      `(×${(batchMs / (first?.batchMs ?? batchMs)).toFixed(2)}), pull with nothing new ${pullMs.toFixed(2)} ms ` +
      `(×${(pullMs / (first?.pullMs ?? pullMs)).toFixed(2)})`,
  )
  return lines.join('\n')
}

export function drainTable(drains: readonly Drain[]): string {
  const middle = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
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
