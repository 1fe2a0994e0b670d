import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { openDatabase } from '@fieldsync/db'
import { testDatabase } from '@fieldsync/testkit'
import { afterAll, expect, it } from 'vitest'

import { runCommandLine } from '../../testing/run-command-line.ts'

const database = await testDatabase()
const superuser = openDatabase({ url: database.superuserUrl, max: 1 })
const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-doctor-'))
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await superuser.close()
})
const environment = {
  ...database.serverEnv,
  DATA_DIR: folder,
  PEPPER: 'a pepper of at least 32 characters.',
}

async function doctor(more: Record<string, string> = {}) {
  const { exitCode, out } = await runCommandLine({ ...environment, ...more }, 'doctor --json')
  const findings = JSON.parse(out) as { what: string; state: string; found: string; remedy?: string }[]
  return { exitCode, problems: findings.filter(({ state }) => state === 'problem'), findings }
}

it('[MON-11] finds nothing wrong where nothing is, and prints it for people', async () => {
  const { exitCode, problems, findings } = await doctor()
  expect({ exitCode, problems }).toEqual({ exitCode: 0, problems: [] })
  expect(findings.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['configuration', 'writing', 'database', 'pepper', `disk of ${folder}`]),
  )
  const { out } = await runCommandLine(environment, 'doctor')
  expect(out).toContain('ok       writing: commits complete')
})

it('[MON-11] names what is wrong and what to do, each with exit code 1', async () => {
  const configured = await doctor({ METRICS_TOKEN: 'short' })
  expect(configured).toMatchObject({ exitCode: 1, problems: [{ what: 'configuration' }] })
  expect(JSON.stringify(configured.findings)).not.toContain('"short"')

  const away = await doctor({
    DATABASE_URL: 'postgresql://nobody:x@127.0.0.1:1/none',
    MIGRATION_DATABASE_URL: '',
  })
  expect(away).toMatchObject({ exitCode: 1, problems: [{ what: 'database', remedy: expect.any(String) }] })

  await superuser.pool.query('REVOKE INSERT ON observations FROM fieldsync_app')
  const refused = await doctor()
  expect(refused).toMatchObject({ exitCode: 1, problems: [{ what: 'writing' }] })
  expect(refused.problems[0]?.found).toContain('observations')
  await superuser.pool.query('GRANT INSERT ON observations TO fieldsync_app')
  expect((await doctor()).exitCode).toBe(0)
})
