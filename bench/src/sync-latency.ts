import type { Target } from './target.ts'
import { runWorkload, WORKLOADS } from './workloads.ts'

/** What eight devices see of their syncs, milliseconds. */
export type SyncLatency = { calls: number; perSecond: number; p50: number; p95: number }

/** Lets eight devices sync one note after the other for as long as `until` has not resolved. */
export function syncingDevices(
  target: Target,
  databaseCpu: () => number,
): (until: Promise<unknown>) => Promise<SyncLatency> {
  const one = WORKLOADS.find(({ id }) => id === 'W3')
  if (!one) throw new Error('there is a workload of single notes')
  let seed = 900
  return async (until) => {
    const end = new AbortController()
    const over = until.finally(() => end.abort())
    over.catch(() => undefined) // Awaited below.
    const latencies: number[] = []
    const began = performance.now()
    while (!end.signal.aborted) {
      const run = await runWorkload(target, { ...one, calls: 25 }, seed++, databaseCpu)
      latencies.push(...run.latencies)
    }
    await over
    const sorted = latencies.toSorted((a, b) => a - b)
    const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
    return {
      calls: sorted.length,
      perSecond: (sorted.length / (performance.now() - began)) * 1000,
      p50: at(0.5),
      p95: at(0.95),
    }
  }
}

export const syncLine = (name: string, { p50, p95, perSecond: rate }: SyncLatency): string =>
  `  syncs ${name}: ${rate.toFixed(0)}/s, p50 ${p50.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms`
