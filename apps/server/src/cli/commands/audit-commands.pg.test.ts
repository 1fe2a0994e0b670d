import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { testDatabase } from '@fieldsync/testkit'
import pg from 'pg'
import { beforeAll, expect, it, onTestFinished } from 'vitest'

import { runCommandLine } from '../../testing/run-command-line.ts'

let environment: Record<string, string>
let superuserUrl: string
let ownerUrl: string

beforeAll(async () => {
  const database = await testDatabase()
  superuserUrl = database.superuserUrl
  ownerUrl = database.ownerUrl
  environment = { DATABASE_URL: database.appUrl, PEPPER: 'a pepper of at least 32 characters.' }
})

const run = (line: string) => runCommandLine(environment, line)
const json = async (line: string): Promise<unknown> => JSON.parse((await run(`${line} --json`)).out)

it('[RUN-10] audit verify: exit code 0 for whole chains, 1 naming the row of a broken one', async () => {
  for (const id of ['ws_c', 'ws_d']) await run(`workspace create ${id}`)
  await run('device create ws_d dev_one')
  expect((await run('audit verify')).exitCode).toBe(0)
  const client = new pg.Client(superuserUrl)
  await client.connect()
  await client.query('SET session_replication_role = replica')
  await client.query(
    `UPDATE audit_entries SET body = replace(body, 'dev_one', 'dev_two') WHERE workspace_id = 'ws_d' AND seq = 2`,
  )
  await client.end()
  const broken = await run('audit verify ws_d')
  expect(broken.exitCode).toBe(1)
  expect(broken.out).toMatch(/ws_d +BROKEN +1 +\S.*\b2\b/)
  expect(await json('audit verify')).toContainEqual(
    expect.objectContaining({ workspaceId: 'ws_d', ok: false, seq: 2 }),
  )
  expect((await run('audit verify ws_c')).exitCode).toBe(0)
})

it('[RUN-10][AUD-19] audit export: a line for each entry, those that match, and what comes after one', async () => {
  await run('workspace create ws_e')
  for (const id of ['dev_one', 'dev_two']) await run(`device create ws_e ${id}`)
  await run('device revoke ws_e dev_one')
  const lines = async (options: string) => {
    const { exitCode, out } = await run(`audit export ws_e ${options}`.trim())
    expect(exitCode).toBe(0)
    return out.split('\n').filter((line) => line !== '')
  }
  const ids = async (options: string) =>
    (await lines(options)).map((line) => (JSON.parse(line) as { entryId: string }).entryId)
  expect(await ids('')).toEqual(['1.0', '2.0', '3.0', '4.0'])
  expect(await ids('--after 2.0')).toEqual(['3.0', '4.0'])
  expect(await ids('--record dev_one')).toEqual(['2.0', '4.0'])
  expect(await ids('--record dev_one --after 2.0')).toEqual(['4.0'])
  expect(await ids('--action device.revoke --from 2026-01-01T00:00:00Z')).toEqual(['4.0'])
  expect(await ids('--to 2026-01-01T00:00:00Z')).toEqual([])
  const [header, ...rows] = await lines('--format csv')
  expect(header).toMatch(/^entryId,at,action,/)
  expect(rows.map((row) => row.split(',')[0])).toEqual(['1.0', '2.0', '3.0', '4.0'])
  expect((await lines('--format csv --after 3.0')).map((row) => row.split(',')[0])).toEqual(['4.0'])
  for (const wrong of ['--from yesterday', '--path rules', '--after x', '--format xml'])
    expect((await run(`audit export ws_e ${wrong}`)).exitCode).toBe(2)
  expect((await run('audit export ws_none')).exitCode).toBe(3)
})

it('[RUN-10][AUD-21] audit prune: up to a checkpoint, as the owner, and the rest verifies', async () => {
  const whole = environment
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-pruned-'))
  onTestFinished(() => {
    environment = whole
    rmSync(folder, { recursive: true })
  })
  environment = {
    ...whole,
    MIGRATION_DATABASE_URL: ownerUrl,
    CHECKPOINT_DIR: folder,
    CHECKPOINT_KEY: 'a checkpoint key of at least 32 characters',
  }
  await run('workspace create ws_p')
  await run('device create ws_p dev_one')
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  const none = await run(`audit prune ws_p --before ${tomorrow}`)
  expect(none.exitCode).toBe(1)
  expect(none.err).toContain('no checkpoint')
  await run('audit checkpoint')
  await run('device create ws_p dev_two')
  expect(await json(`audit prune ws_p --before ${tomorrow}`)).toMatchObject({
    beginning: { seq: 2 },
    rows: 2,
  })
  expect((await run('audit verify ws_p')).out).toMatch(/ws_p +intact +4 +agrees with 1 checkpoint/)
  await run('audit checkpoint')
  expect((await run('audit verify ws_p')).out).toContain('agrees with 2 checkpoints')
  expect((await run('audit prune ws_p --before yesterday')).exitCode).toBe(2)
})

it('[RUN-10][AUD-12][AUD-13][AUD-14] writes checkpoints, finds what contradicts them, and acknowledges a loss', async () => {
  const whole = environment
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-checkpoints-'))
  onTestFinished(() => {
    environment = whole
    rmSync(folder, { recursive: true })
  })
  environment = {
    ...whole,
    CHECKPOINT_DIR: path.join(folder, 'own'),
    CHECKPOINT_KEY: 'a checkpoint key of at least 32 characters',
  }
  for (const id of ['ws_a', 'ws_i']) await run(`workspace create ${id}`)
  await run('device create ws_i dev_one')
  expect((await run('audit verify ws_i')).out).toContain('no checkpoint to compare with')
  await run('audit checkpoint')
  expect((await run('audit verify ws_i')).out).toMatch(/ws_i +intact +2 +agrees with 1 checkpoint/)
  expect(await json('audit key')).toEqual({ key: expect.stringMatching(/^fieldsync-audit\+\w{8}\+/) })
  cpSync(path.join(folder, 'own'), path.join(folder, 'copy'), { recursive: true })

  // The end is cut, with its checkpoint: only a copy elsewhere shows it.
  const client = new pg.Client(superuserUrl)
  await client.connect()
  await client.query('SET session_replication_role = replica')
  await client.query(`DELETE FROM audit_entries WHERE workspace_id = 'ws_i' AND seq = 2`)
  await client.query(
    `UPDATE workspace_heads SET audit_seq = 1, audit_hash = (SELECT hash FROM audit_entries WHERE workspace_id = 'ws_i' AND seq = 1)
      WHERE workspace_id = 'ws_i'`,
  )
  await client.end()
  rmSync(path.join(folder, 'own'), { recursive: true })
  expect((await run('audit verify ws_i')).exitCode).toBe(0)
  const shown = await run(`audit verify ws_i --witness ${folder}/copy`)
  expect(shown).toMatchObject({ exitCode: 1, out: expect.stringContaining('ends before row 2') })
  const other = await run(`audit verify ws_a --witness ${folder}/copy`)
  expect(other).toMatchObject({ exitCode: 0, out: expect.stringMatching(/other chains.*ws_i/) })

  cpSync(path.join(folder, 'copy'), path.join(folder, 'own'), { recursive: true })
  expect((await run('audit checkpoint')).out).toContain('BROKEN ws_i: the chain ends before row 2')
  expect((await run('audit acknowledge ws_i')).exitCode).toBe(2)
  expect((await run('audit acknowledge ws_i --reason Restored')).out).toContain('(rows 2)')
  expect((await run('audit acknowledge ws_i --reason Again')).out).toContain('nothing to acknowledge')
  expect((await run('audit verify ws_i')).out).toContain('1 checkpoint of an acknowledged loss')
  expect(await json('audit checkpoint')).toMatchObject({ written: 1 })
  environment = { ...whole, SECRETS_DIR: '/nonexistent' }
  expect(await run('audit key')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('CHECKPOINT_KEY'),
  })
})
