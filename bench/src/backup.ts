import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { canonicalRecord, combineDigests, recordDigest } from '@fieldsync/domain'
import { observation, seededRandom } from '@fieldsync/testkit'
import pg from 'pg'

import type { BenchDatabase } from './cluster.ts'
import { MiB, sleep } from './statistics.ts'
import { type SyncLatency, syncingDevices, syncLine } from './sync-latency.ts'
import type { Target } from './target.ts'

const RECORDS = Number(process.env['BENCH_RECORDS'] ?? 1_000_000)
const AT_ONCE = 5000
const BEFORE_MS = 10_000

export type BackupFigures = {
  records: number
  /** Of the database, and of the file. */
  databaseBytes: number
  fileBytes: number
  backupSeconds: number
  verifySeconds: number
  restoreSeconds: number
  before: SyncLatency
  during: SyncLatency
}

/** A backup of a large workspace while eight devices sync, its verification, and its restore into an empty database. */
export async function measureBackup(
  target: Target,
  database: BenchDatabase,
  empty: BenchDatabase,
  databaseCpu: () => number,
  say: (text: string) => void,
): Promise<BackupFigures> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-bench-backup-'))
  try {
    await fill(database, say)
    const file = path.join(folder, 'backup.tar.zst')
    const syncing = syncingDevices(target, databaseCpu)
    say('syncs without a backup')
    const before = await syncing(sleep(BEFORE_MS))
    say('syncs during a backup')
    let backupSeconds = Number.NaN
    const during = await syncing(
      command(database, folder, 'backup', file).then((seconds) => void (backupSeconds = seconds)),
    )
    say('verifying')
    const verifySeconds = await command(database, folder, 'backup', 'verify', file)
    say('restoring')
    const restoreSeconds = await command(empty, folder, 'restore', file)
    const { size: fileBytes } = await stat(file)
    const databaseBytes = await sizeOf(database)
    return {
      records: RECORDS,
      databaseBytes,
      fileBytes,
      backupSeconds,
      verifySeconds,
      restoreSeconds,
      before,
      during,
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs the command line in a process of its own. @returns seconds */
async function command(
  { appUrl, ownerUrl }: BenchDatabase,
  folder: string,
  ...args: readonly string[]
): Promise<number> {
  const began = performance.now()
  const main = fileURLToPath(new URL('../../apps/server/src/cli/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, ...args], {
    env: {
      ...process.env,
      DATABASE_URL: appUrl,
      MIGRATION_DATABASE_URL: ownerUrl,
      DATA_DIR: path.join(folder, 'data'),
      PEPPER: 'the pepper of the benchmark, long enough',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`${args.join(' ')} exited ${code}`)
  return (performance.now() - began) / 1000
}

/** Puts records into the workspace of the benchmark by SQL, with a state hash that fits them, as a restore wants it. */
async function fill({ ownerUrl }: BenchDatabase, say: (text: string) => void): Promise<void> {
  const client = new pg.Client(ownerUrl)
  await client.connect()
  const rng = seededRandom(1_000_000)
  try {
    for (let stored = 0; stored < RECORDS; stored += AT_ONCE) {
      const records = Array.from({ length: Math.min(AT_ONCE, RECORDS - stored) }, () =>
        canonicalRecord(observation({ deviceId: 'dev_filled' }, rng)),
      )
      const ids = records.map(({ record }) => record.observationId)
      const digests = records.map((record) =>
        recordDigest('observation', record.record.observationId, record, sha256),
      )
      await client.query(
        `WITH head AS (
           UPDATE workspace_heads SET position = position + $1, state_hash = fieldsync_combine(state_hash, $4)
             WHERE workspace_id = 'ws_bench' RETURNING position - $1 AS before
         ), filled AS (
           INSERT INTO observations
             (workspace_id, observation_id, device_id, status, document, document_bytes, time_micros, revision, position, stored_at)
           SELECT 'ws_bench', r.id, 'dev_filled', 'draft', r.document::json, octet_length(r.document), 0, 1, head.before + r.place, now()
           FROM head, unnest($2::text[], $3::text[]) WITH ORDINALITY AS r(id, document, place)
         )
         INSERT INTO log_commits (workspace_id, last_position, first_position, secret, committed_at)
         SELECT 'ws_bench', head.before + $1, head.before + 1, sha256(convert_to($4, 'UTF8')), now() FROM head`,
        [records.length, ids, records.map(({ text }) => text), combineDigests(...digests)],
      )
      if (stored % 50_000 === 0)
        say(`stored ${stored.toLocaleString('en')} of ${RECORDS.toLocaleString('en')} records`)
    }
    await client.query('ANALYZE observations')
  } finally {
    await client.end()
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

async function sizeOf({ ownerUrl }: BenchDatabase): Promise<number> {
  const client = new pg.Client(ownerUrl)
  await client.connect()
  try {
    const { rows } = await client.query<{ bytes: string }>(
      'SELECT pg_database_size(current_database()) AS bytes',
    )
    return Number(rows[0]?.bytes)
  } finally {
    await client.end()
  }
}

export function backupTable(figures: BackupFigures): string {
  const { records, databaseBytes, fileBytes, backupSeconds, verifySeconds, restoreSeconds, before, during } =
    figures
  const rate = (seconds: number): string =>
    `${seconds.toFixed(1)} s (${Math.round(records / seconds).toLocaleString('en')} records/s)`
  return [
    `${records.toLocaleString('en')} records: database ${(databaseBytes / MiB).toFixed(0)} MiB, backup ` +
      `${(fileBytes / MiB).toFixed(0)} MiB (${((100 * fileBytes) / databaseBytes).toFixed(0)}%)`,
    `  backup ${rate(backupSeconds)}, verify ${rate(verifySeconds)}, restore ${rate(restoreSeconds)}`,
    syncLine('before', before),
    `${syncLine('during', during)} (p95 ${(during.p95 / before.p95).toFixed(1)} times)`,
  ].join('\n')
}
