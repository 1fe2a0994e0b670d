import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { APP_ROLE, migrate, MIGRATIONS_DIR, prepareSchema } from '@fieldsync/db'

import type { BenchDatabase } from './cluster.ts'
import { type Access, ACCESSES, fillTables, rowOf } from './migration-rows.ts'
import { withClient } from './stored-rows.ts'

const ROWS = Number(process.env['BENCH_ROWS'] ?? 1_000_000)
const BEFORE_MS = 5000
const PAUSE_MS = 2
/** Shorter waits are not kept: a statement takes that long on a busy machine. */
const LEAST_WAIT_MS = 20
const GiB = 1024 ** 3

type Wait = { client: 'writer' | 'reader'; table: string; from: number; ms: number }
type Step = { name: string; from: number; ms: number }

export type MigrationFigures = {
  rows: number
  databaseBytes: number
  seconds: number
  /** In their order; those of the functions as one. */
  steps: Step[]
  /** Longest statement of each client in seconds without a migration, milliseconds. */
  before: { writer: number; reader: number }
  /** Of at least 20 ms, while the migration was running. */
  waits: Wait[]
  statements: number
}

/**
 * The way from the first migration to this build's schema on large tables, while one client writes to these tables by plain
 * SQL and another reads them: its longest wait is the longest lock.
 */
export async function measureMigration(
  { ownerUrl }: BenchDatabase,
  say: (text: string) => void,
): Promise<MigrationFigures> {
  await migrateToFirst(ownerUrl)
  const databaseBytes = await fillTables({ ownerUrl, total: ROWS }, say)
  say('clients without a migration')
  const before = await busyDuring(ownerUrl, () => sleep(BEFORE_MS))
  const longest = (client: Wait['client']): number =>
    Math.max(0, ...before.waits.filter((wait) => wait.client === client).map(({ ms }) => ms))
  say('migrating')
  const steps: Step[] = []
  let seconds = Number.NaN
  const during = await busyDuring(ownerUrl, async () => {
    const began = performance.now()
    const onApplied = (name: string, ms: number): void => {
      const step = name.startsWith('functions/') ? 'functions and grants' : name
      if (steps.at(-1)?.name === step) return
      say(`${step}: ${(ms / 1000).toFixed(2)} s`)
      steps.push({ name: step, from: performance.now() - ms, ms })
    }
    await prepareSchema({ ownerUrl, appRole: APP_ROLE, onApplied })
    seconds = (performance.now() - began) / 1000
  })
  return {
    rows: ROWS,
    databaseBytes,
    seconds,
    steps,
    before: { writer: longest('writer'), reader: longest('reader') },
    ...during,
  }
}

/** A database as the build of the first migration has left it, without functions. */
async function migrateToFirst(ownerUrl: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-bench-migration-'))
  try {
    const [migrations, functions] = [path.join(folder, 'migrations'), path.join(folder, 'functions')]
    await mkdir(functions)
    const entries = await readdir(MIGRATIONS_DIR, { withFileTypes: true })
    const [first = ''] = entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .toSorted()
    await cp(path.join(MIGRATIONS_DIR, first), path.join(migrations, first), { recursive: true })
    await migrate({ ownerUrl, schema: { migrations, functions, build: 1 } })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Lets both clients work from just before to just after. */
async function busyDuring(
  ownerUrl: string,
  work: () => Promise<void>,
): Promise<{ waits: Wait[]; statements: number }> {
  const waits: Wait[] = []
  let statements = 0
  const ended = new AbortController()
  const busy = (client: Wait['client']): Promise<void> =>
    withClient(ownerUrl, async (connection) => {
      for (let turn = 0; !ended.signal.aborted; turn++) {
        const { table, write, read } = ACCESSES[turn % ACCESSES.length] as Access
        const from = performance.now()
        await connection.query(client === 'writer' ? write : read, [rowOf(turn, ROWS)])
        const ms = performance.now() - from
        statements++
        if (ms >= LEAST_WAIT_MS) waits.push({ client, table, from, ms })
        await sleep(PAUSE_MS)
      }
    })
  const clients = Promise.all([busy('writer'), busy('reader')])
  // Its failure is thrown below, after the migration.
  clients.catch(() => undefined)
  try {
    await work()
  } finally {
    ended.abort()
  }
  await clients
  return { waits, statements }
}

export function migrationTable(figures: MigrationFigures): string {
  const { rows, databaseBytes, seconds, steps, before, waits, statements } = figures
  const slowest = steps.toSorted((a, b) => b.ms - a.ms)[0]
  const longest = (client: Wait['client'], among = waits): Wait | undefined =>
    among.filter((wait) => wait.client === client).toSorted((a, b) => b.ms - a.ms)[0]
  const during = ({ from, ms }: Step): Wait[] =>
    waits.filter((wait) => {
      const middle = wait.from + wait.ms / 2
      return middle >= from && middle < from + ms
    })
  const shown = (wait: Wait | undefined): string =>
    wait === undefined ? '-' : `${wait.ms.toFixed(0)} ms (${wait.table})`
  return [
    `${rows.toLocaleString('en')} rows, ${(databaseBytes / GiB).toFixed(1)} GiB: migrated in ${seconds.toFixed(1)} s; ` +
      `longest step ${slowest?.name} ${((slowest?.ms ?? 0) / 1000).toFixed(1)} s`,
    `  ${statements.toLocaleString('en')} statements; without a migration the longest of the writer took ` +
      `${before.writer.toFixed(0)} ms, of the reader ${before.reader.toFixed(0)} ms`,
    ...(['writer', 'reader'] as const).map(
      (client) => `  longest wait of the ${client}: ${shown(longest(client))}`,
    ),
    ...steps
      .map((step) => ({
        ...step,
        writer: longest('writer', during(step)),
        reader: longest('reader', during(step)),
      }))
      .filter(({ ms, writer, reader }) => ms >= 100 || writer !== undefined || reader !== undefined)
      .map(
        ({ name, ms, writer, reader }) =>
          `  ${name}: ${(ms / 1000).toFixed(2)} s, writer ${shown(writer)}, reader ${shown(reader)}`,
      ),
  ].join('\n')
}

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))
