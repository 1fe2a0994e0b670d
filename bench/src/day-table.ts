import type { Made } from './day-phones.ts'
import type { DayFigures, Hour } from './day.ts'
import { markdown, MiB, percentile } from './statistics.ts'

const mib = (bytes: number): string => (bytes / MiB).toFixed(0)
const count = (number: number): string => Math.round(number).toLocaleString('en')
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`
const latency = (calls: readonly Made[], share: number): string =>
  calls.length === 0
    ? '-'
    : percentile(
        calls.map(({ milliseconds }) => milliseconds),
        share,
      ).toFixed(1)

/** A day as tables in Markdown: by the hour, by what was done, by table, and what stored answers take. */
export function dayTable(figures: DayFigures): string {
  const { minutes, farms, before, hours, tables, answers } = figures
  const last = hours.at(-1)
  const calls = hours.flatMap((hour) => hour.calls)
  const failed = calls.filter(({ error }) => error !== undefined)
  const walBytes = (last?.use.walBytes ?? 0) - before.walBytes
  const grown = (last?.use.databaseBytes ?? 0) - before.databaseBytes
  return [
    `${count(farms)} farms, a day in ${minutes} minutes: ${count(calls.length)} calls, ${failed.length} errors, ${calls.filter(({ retried }) => retried).length} made again, ` +
      `${count(calls.reduce((sum, { conflicts }) => sum + conflicts, 0))} conflicts, WAL ${mib(walBytes)} MiB, database from ` +
      `${mib(before.databaseBytes)} to ${mib(before.databaseBytes + grown)} MiB`,
    ...new Set(failed.map(({ kind, error }) => `  ${kind}: ${error}`.slice(0, 300))),
    '',
    byHour(hours, before.walBytes),
    '',
    byKind(calls),
    '',
    markdown(
      [
        'largest tables',
        'rows',
        'table MiB',
        'indexes MiB',
        'rewritten MiB',
        'bloat',
        'dead rows',
        'autovacuums',
      ],
      tables.map(({ table, rows, heap, indexes, dead, autovacuums }) => {
        const tight = figures.rewritten.find((each) => each.table === table)
        const without = (tight?.heap ?? 0) + (tight?.indexes ?? 0)
        return [
          table,
          count(rows),
          mib(heap),
          mib(indexes),
          mib(without),
          percent((heap + indexes) / without - 1),
          count(dead),
          `${autovacuums}`,
        ]
      }),
    ),
    '',
    markdown(
      ['stored answers', 'answers', 'text KiB each', 'stored KiB each', 'stored MiB'],
      answers.map(({ operation, answers: number, textBytes, storedBytes }) => [
        operation,
        count(number),
        (textBytes / number / 1024).toFixed(2),
        (storedBytes / number / 1024).toFixed(2),
        (storedBytes / MiB).toFixed(1),
      ]),
    ),
    '',
    `a sample of them compressed: ${Object.entries(figures.compressed)
      .map(([way, bytes]) => `${way} ${percent(bytes / figures.compressed.text)}`)
      .join(', ')}`,
  ].join('\n')
}

function byHour(hours: readonly Hour[], walBefore: number): string {
  return markdown(
    [
      'hour',
      'calls',
      'p50 ms',
      'p99 ms',
      'errors',
      'late ms',
      'server',
      'database',
      'memory MiB',
      'WAL MiB',
      'dead rows',
      'autovacuums',
    ],
    hours.map(({ hour, calls, lateMs, server, database, memory, use }, i) => [
      `${hour}`,
      count(calls.length),
      latency(calls, 0.5),
      latency(calls, 0.99),
      `${calls.filter(({ error }) => error !== undefined).length}`,
      lateMs.toFixed(0),
      percent(server),
      percent(database),
      mib(memory),
      mib(use.walBytes - (hours[i - 1]?.use.walBytes ?? walBefore)),
      count(use.deadRows),
      `${use.autovacuums}`,
    ]),
  )
}

function byKind(calls: readonly Made[]): string {
  return markdown(
    ['by operation', 'calls', 'p50 ms', 'p99 ms', 'errors', 'answer KiB'],
    [...Map.groupBy(calls, ({ kind }) => kind)].map(([kind, made]) => [
      kind,
      count(made.length),
      latency(made, 0.5),
      latency(made, 0.99),
      `${made.filter(({ error }) => error !== undefined).length}`,
      (made.reduce((sum, { bytes }) => sum + bytes, 0) / made.length / 1024).toFixed(1),
    ]),
  )
}
