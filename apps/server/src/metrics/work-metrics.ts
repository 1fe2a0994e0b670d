import { AUTH_ACTIONS, ERROR_CODES, FORBIDDEN_REASONS } from '@fieldsync/contracts'
import type { Telemetry } from '@fieldsync/services'
import { Counter, Histogram, type Registry } from 'prom-client'

const RECORDS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500]
const WRITES = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const KINDS: ReadonlySet<string> = new Set(['credential', 'enrollment', 'sign_in'])
const REASONS: ReadonlySet<string> = new Set([
  ...Object.keys(AUTH_ACTIONS),
  ...FORBIDDEN_REASONS,
  ...ERROR_CODES,
])

/** Counts what the verbs do beside their answers (MON-3): batches, conflicts, commits, refused credentials. */
export function workMetrics(registry: Registry): Telemetry {
  const registers = [registry]
  const records = new Histogram({
    name: 'fieldsync_batch_records',
    help: 'Records in a batch that was committed; neither pulls nor replays count.',
    buckets: RECORDS,
    registers,
  })
  const conflicts = new Counter({
    name: 'fieldsync_conflicts_total',
    help: 'Conflicts of committed batches by code.',
    labelNames: ['code'],
    registers,
  })
  const writes = new Histogram({
    name: 'fieldsync_commit_writes',
    help: 'Writes that were sent to the database in one transaction.',
    buckets: WRITES,
    registers,
  })
  const waits = new Histogram({
    name: 'fieldsync_commit_wait_seconds',
    help: 'How long a decided write waited for those before it.',
    buckets: SECONDS,
    registers,
  })
  const durations = new Histogram({
    name: 'fieldsync_commit_duration_seconds',
    help: 'How long the database took for the writes of one transaction.',
    buckets: SECONDS,
    registers,
  })
  const refused = new Counter({
    name: 'fieldsync_credentials_refused_total',
    help: 'Refused credentials, enrollments and sign-ins by reason.',
    labelNames: ['kind', 'reason'],
    registers,
  })
  return {
    batchApplied: (batch) => {
      records.observe(batch.records)
      for (const [code, count] of Object.entries(batch.conflicts)) conflicts.inc({ code }, count)
    },
    committedTogether: (waited, ms) => {
      writes.observe(waited.length)
      durations.observe(ms / 1000)
      for (const each of waited) waits.observe(each / 1000)
    },
    credentialRefused: ({ kind, reason }) =>
      refused.inc({ kind: known(KINDS, kind), reason: known(REASONS, reason) }),
  }
}

const known = (list: ReadonlySet<string>, value: string): string => (list.has(value) ? value : 'other')
