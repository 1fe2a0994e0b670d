import { expect, it } from 'vitest'

import { type MetricSnapshot, togetherAsText, WorkerMetrics } from './process-metrics.ts'
import { createMetrics } from './server-metrics.ts'

const batch = { records: 5, conflicts: { FORBIDDEN: 1 } }

/** As it arrives from another process. */
const travelled = (snapshot: readonly MetricSnapshot[]): MetricSnapshot[] =>
  JSON.parse(JSON.stringify(snapshot)) as MetricSnapshot[]

const workerOf = (name: string) => {
  const metrics = createMetrics('0.0.0', name)
  return { metrics, ask: async () => travelled(await metrics.snapshot()) }
}

/** The value of one series in a text; undefined where there is none. */
const valueOf = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length))
}

it('[MON-12] adds up what the processes count, and lists what Node.js says of each', async () => {
  const main = createMetrics('0.0.0', 'main')
  const [one, other] = [workerOf('worker_1'), workerOf('worker_2')]
  one.metrics.telemetry.batchApplied(batch)
  other.metrics.telemetry.batchApplied(batch)
  main.marks.ready(true)
  const text = await togetherAsText([
    travelled(await main.snapshot()),
    ...(await Promise.all([one.ask(), other.ask()])),
  ])
  expect(valueOf(text, 'fieldsync_batch_records_sum')).toBe(10)
  expect(valueOf(text, 'fieldsync_batch_records_bucket{le="5"}')).toBe(2)
  expect(valueOf(text, 'fieldsync_conflicts_total{code="FORBIDDEN"}')).toBe(2)
  expect(valueOf(text, 'fieldsync_ready')).toBe(1)
  expect(text.match(/^fieldsync_build_info\{.*\} 1$/gm)).toHaveLength(1)
  for (const process of ['main', 'worker_1', 'worker_2'])
    for (const name of [
      'process_start_time_seconds',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_seconds',
    ])
      expect(valueOf(text, `${name}{process="${process}"}`)).toBeGreaterThanOrEqual(0)
})

it('[MON-12] what an ended worker has counted stays, and what it held does not', async () => {
  const counted = new WorkerMetrics()
  const [one, other] = [workerOf('worker_1'), workerOf('worker_2')]
  one.metrics.telemetry.batchApplied(batch)
  one.metrics.workers.running(1)
  const read = async (...workers: (readonly [number, typeof one.ask])[]) =>
    await togetherAsText(await counted.read(new Map(workers)))
  await read([1, one.ask], [2, other.ask])
  counted.ended(1)
  const text = await read([2, other.ask])
  expect(valueOf(text, 'fieldsync_batch_records_sum')).toBe(5)
  expect(valueOf(text, 'fieldsync_workers')).toBe(0)
  expect(text).not.toContain('worker_1')
  other.metrics.telemetry.batchApplied(batch)
  counted.ended(2)
  // What it has counted since the last scrape is lost.
  expect(valueOf(await read(), 'fieldsync_batch_records_sum')).toBe(5)
})

it('[MON-12] a worker that does not answer is shown as it was', async () => {
  const counted = new WorkerMetrics()
  const one = workerOf('worker_1')
  one.metrics.telemetry.batchApplied(batch)
  await counted.read(new Map([[1, one.ask]]))
  const text = await togetherAsText(
    await counted.read(new Map([[1, () => Promise.reject(new Error('gone'))]])),
  )
  expect(valueOf(text, 'fieldsync_batch_records_sum')).toBe(5)
})
