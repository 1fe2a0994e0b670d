import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { loadDatabase, openDatabase } from '@fieldsync/db'
import {
  observation,
  recommendation,
  startProgram,
  testDatabase,
  type TestDatabase,
} from '@fieldsync/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { ContentCheck } from '../backup/content-check.ts'
import { openBackupFile } from '../backup/read-backup.ts'
import { runCommandLine } from '../testing/run-command-line.ts'
import { sync } from '../testing/sync-over-http.ts'
import { PEPPER, sharedSystem } from './testing/shared-system.ts'
import { tableContents } from './testing/table-contents.ts'

const CHECKPOINT_KEY = 'the checkpoint key of this test, long enough'
const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-backup-'))
const inFolder = (name: string): string => path.join(folder, name)
const environment = { PEPPER, CHECKPOINT_KEY, CHECKPOINT_DIR: inFolder('checkpoints') }
// Jobs wait, so that a backup has some.
const system = await sharedSystem(1, { ...environment, JOB_CONCURRENCY: '0' })
const whole = await testDatabase({ empty: true })
const broken = await testDatabase({ empty: true })
const interrupted = await testDatabase({ empty: true })
const erased = await testDatabase({ empty: true })
afterAll(() => rmSync(folder, { recursive: true }))

const source = { ...environment, ...system.database.serverEnv }
const into = (target: TestDatabase) => ({ ...environment, ...target.serverEnv })

/** Tables that servers fill at any time, and that are no part of a backup. */
const PASSING = ['rate_limits', 'device_states', 'weather_cells', 'person_sessions', 'person_verifications']

async function contentsOf({ superuserUrl }: Pick<TestDatabase, 'superuserUrl'>) {
  const db = openDatabase({ url: superuserUrl, max: 1 })
  try {
    const jobs = await db.pool.query<{ task: string }>(
      `SELECT task_identifier AS task, attempts FROM graphile_worker.jobs ORDER BY id`,
    )
    return { tables: await tableContents(db, { except: PASSING }), jobs: jobs.rows }
  } finally {
    await db.close()
  }
}

let identity = ''
let recipient = ''
const file = inFolder('whole.tar.zst.age')
const plain = inFolder('plain.tar.zst')

beforeAll(async () => {
  const workspaceId = await system.workspace('ws_backup')
  const scout = await system.device(workspaceId, 'dev_scout_1', 'scout')
  await system.device(workspaceId, 'dev_agro_1', 'agronomist')
  await runCommandLine(source, 'user create-admin ws_backup')
  for (let batch = 0; batch < 4; batch++) {
    const observations = Array.from({ length: 25 }, () => observation({ deviceId: scout.deviceId }))
    const recommendations = observations
      .slice(0, 5)
      .map(({ observationId }) => recommendation({ observationId }))
    const { ok } = await sync(scout, { observations, recommendations })
    if (!ok) throw new Error('a batch was refused')
  }
  await system.superuser.pool
    .query(`SELECT graphile_worker.add_job('recommendations.recompute', '{"workspaceId":"ws_backup"}'),
    graphile_worker.reschedule_jobs(ARRAY[(graphile_worker.add_job('waits')).id], attempts => 25)`)
  identity = inFolder('backup.key')
  const made = await runCommandLine({}, `backup keygen ${identity}`)
  recipient = made.out
  for (const line of [`backup ${file} --recipient ${recipient}`, `backup ${plain}`]) {
    const { exitCode, err } = await runCommandLine(source, line)
    if (exitCode !== 0) throw new Error(err)
  }
}, 60_000)

it('[BAK-1, BAK-2, BAK-5] a backup beside a running server brings everything back, jobs included, once', async () => {
  const verified = await runCommandLine({}, `backup verify ${file} --identity ${identity}`)
  expect(verified).toMatchObject({ exitCode: 0, out: expect.stringContaining('Intact: the backup of') })
  expect(verified.out).toContain('1 workspace, 121 records')
  const restored = await runCommandLine(into(whole), `restore ${file} --identity ${identity}`)
  expect(restored).toMatchObject({
    exitCode: 0,
    out: expect.stringContaining('ws_backup: the audit is intact'),
  })
  expect(await contentsOf(whole)).toEqual(await contentsOf(system.database))
  // Also one that was restored from, and is now a database like any other.
  const again = await runCommandLine(into(whole), `restore ${file} --identity ${identity}`)
  expect(again).toMatchObject({ exitCode: 1, err: expect.stringContaining('the database is not empty') })
  expect((await runCommandLine(into(whole), `backup ${file}`)).err).toContain('exists already')
  await using server = await system.start(into(whole))
  expect((await fetch(`${server.url}/v1/health`)).status).toBe(200)
})

it('[BAK-3] secrets are in an encrypted backup alone, and nobody else opens it', async () => {
  expect((await runCommandLine(source, `backup ${inFolder('warned')}`)).err).toContain('is not encrypted')
  expect((await openBackupFile(plain, [])).secrets).toBeUndefined()
  expect(readFileSync(file, 'latin1')).toMatch(/^age-encryption\.org\/v1\n/)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(identity).mode & 0o777).toBe(0o600)
  const none = await runCommandLine({}, `backup verify ${file}`)
  expect(none).toMatchObject({ exitCode: 1, err: expect.stringContaining('give the file with its key') })
  await runCommandLine({}, `backup keygen ${inFolder('other.key')}`)
  const other = await runCommandLine({}, `backup verify ${file} --identity ${inFolder('other.key')}`)
  expect(other).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('no key of the --identity file opens'),
  })
  // A server with another pepper keeps it, and its database.
  const foreign = { ...into(broken), PEPPER: 'the pepper of another server, long enough' }
  const refused = await runCommandLine(foreign, `restore ${file} --identity ${identity}`)
  expect(refused).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('another pepper than this server'),
  })
  // One without any gets them as files.
  const secrets = inFolder('secrets')
  const bare = {
    ...broken.serverEnv,
    SECRETS_DIR: secrets,
    DATA_DIR: inFolder('bare'),
    CHECKPOINT_DIR: environment.CHECKPOINT_DIR,
  }
  expect((await runCommandLine(bare, `restore ${plain}`)).out).toContain('There is no pepper')
  await emptied(broken)
  expect((await runCommandLine(bare, `restore ${file} --identity ${identity}`)).exitCode).toBe(0)
  expect(readFileSync(path.join(secrets, 'pepper'), 'utf8').trim()).toBe(PEPPER)
  expect(readFileSync(path.join(secrets, 'checkpoint-key'), 'utf8').trim()).toBe(CHECKPOINT_KEY)
  expect(statSync(path.join(secrets, 'pepper')).mode & 0o777).toBe(0o600)
})

async function emptied(target: TestDatabase): Promise<void> {
  const db = openDatabase({ url: target.superuserUrl, max: 1 })
  await db.pool.query(
    'DROP SCHEMA public CASCADE; CREATE SCHEMA public; DROP SCHEMA IF EXISTS graphile_worker CASCADE',
  )
  await db.pool.query(
    'ALTER SCHEMA public OWNER TO fieldsync_owner; GRANT USAGE ON SCHEMA public TO fieldsync_app',
  )
  await db.close()
}

const DAMAGE: Readonly<Record<string, (copy: string, size: number) => void>> = {
  'cut in the middle': (copy, size) => truncateSync(copy, Math.floor(size / 2)),
  'cut near its end': (copy, size) => truncateSync(copy, size - 100),
  'with a byte flipped': (copy, size) => {
    const bytes = readFileSync(copy)
    const at = Math.floor(size * 0.7)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    writeFileSync(copy, bytes)
  },
  'that is another file': (copy) => writeFileSync(copy, 'SELECT 1'),
  'that is empty': (copy) => writeFileSync(copy, ''),
}

it.each(Object.keys(DAMAGE))(
  '[BAK-6] a backup %s is refused, and leaves the database empty',
  async (name) => {
    await emptied(broken)
    for (const original of [plain, file]) {
      const copy = inFolder('damaged')
      writeFileSync(copy, readFileSync(original))
      DAMAGE[name]?.(copy, statSync(copy).size)
      const restored = await runCommandLine(into(broken), `restore ${copy} --identity ${identity}`)
      expect(restored).toMatchObject({
        exitCode: 1,
        err: expect.stringContaining('backup'),
      })
      expect(restored.err).not.toContain(PEPPER)
      expect((await runCommandLine({}, `backup verify ${copy} --identity ${identity}`)).exitCode).toBe(1)
    }
    const db = openDatabase({ url: broken.superuserUrl, max: 1 })
    const { rows } = await db.pool.query(`SELECT FROM pg_tables WHERE schemaname = 'public'`)
    await db.close()
    expect(rows).toEqual([])
  },
)

it('[BAK-6] rows that were changed with their hashes made to fit are found by the audit and by the state hash', async () => {
  await emptied(broken)
  const { head } = await openBackupFile(plain, [])
  for (const [table, from, to, message] of [
    ['audit_entries', 'sync.batch', 'sync.forge', 'the audit of ws_backup is broken'],
    ['observations', '"captureMode":"typed"', '"captureMode":"voice"', 'do not have the hash'],
  ] as const) {
    const check = new ContentCheck(head)
    const forged = async () => {
      for await (const part of (await openBackupFile(plain, [])).parts())
        check.part(
          part.table === table
            ? { ...part, bytes: Buffer.from(part.bytes.toString().replace(from, to)) }
            : part,
        )
      check.finish()
    }
    await expect(forged()).rejects.toThrow(message)
  }
})

it('[BAK-7] killed in the middle, a restore leaves an empty database, and killed later one that no server uses; it can be repeated', async () => {
  const target = into(interrupted)
  const backup = await openBackupFile(plain, [])
  const seen: string[] = []
  const killed = loadDatabase({
    ownerUrl: target.MIGRATION_DATABASE_URL,
    backupId: backup.head.id,
    description: backup.head,
    fill: async (add) => {
      for await (const part of backup.parts()) {
        seen.push(part.table)
        await add(part)
      }
      await terminate(interrupted)
    },
  })
  await expect(killed).rejects.toThrow(/terminat|connection/)
  expect(seen).toContain('audit_entries')
  await loadDatabase({
    ownerUrl: target.MIGRATION_DATABASE_URL,
    backupId: backup.head.id,
    description: backup.head,
    fill: async (add) => {
      for await (const part of (await openBackupFile(plain, [])).parts()) await add(part)
    },
  })
  const server = startProgram('main.ts', [], { ...target, PORT: '0', DATA_DIR: inFolder('server') })
  expect(await server.ended).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('a restore into this database was not finished'),
  })
  const again = await runCommandLine(target, `restore ${plain}`)
  expect(again).toMatchObject({ exitCode: 0, out: expect.stringContaining('loaded before') })
  expect(await contentsOf(interrupted)).toEqual(await contentsOf(system.database))
})

async function terminate(target: TestDatabase): Promise<void> {
  await system.superuser.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'fieldsync-restore'`,
    [target.name],
  )
}

it('[BAK-7] what was erased since the backup is erased again, and the rows that are lost are named', async () => {
  const { rows } = await system.superuser.pool.query<{ id: string }>(
    `SELECT observation_id AS id FROM observations ORDER BY 1 LIMIT 2`,
  )
  const ids = rows.map(({ id }) => id)
  expect((await runCommandLine(source, 'audit checkpoint')).exitCode).toBe(0)
  expect(
    (await runCommandLine(source, `erase observations ws_backup ${ids.join(' ')} --reason Request`)).exitCode,
  ).toBe(0)
  // A server writes both beside its checkpoints.
  await using server = await system.start({ ...source, CHECKPOINT_EVERY_MINUTES: '1' })
  await server.logged('wrote erasures beside the checkpoints')
  const restored = await runCommandLine(into(erased), `restore ${plain}`)
  expect(restored.exitCode).toBe(0)
  expect(restored.out).toMatch(/Erased again: \d+ records/)
  expect(restored.out).toContain('audit acknowledge ws_backup')
  const db = openDatabase({ url: erased.superuserUrl, max: 1 })
  const left = await db.pool.query('SELECT FROM observations WHERE observation_id = ANY ($1)', [ids])
  await db.close()
  expect(left.rowCount).toBe(0)
})
