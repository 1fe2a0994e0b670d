import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { testDatabase } from '@fieldsync/testkit'
import { beforeAll, expect, it, onTestFinished } from 'vitest'

import { runCommandLine } from '../../testing/run-command-line.ts'

let environment: Record<string, string>
beforeAll(async () => {
  const database = await testDatabase()
  environment = { DATABASE_URL: database.appUrl, PEPPER: 'a pepper of at least 32 characters.' }
})
const run = (line: string) => runCommandLine(environment, line)

it('[ERA-1, RUN-10] erase observations: by ids and with a reason, and once', async () => {
  await run('workspace create ws_e')
  const ids = 'obs_20260211_0001 obs_20260211_0002'
  expect((await run(`erase observations ws_e ${ids}`)).exitCode).toBe(2)
  expect((await run('erase observations ws_e dev_one --reason Request')).exitCode).toBe(2)
  expect((await run(`erase observations ws_none ${ids} --reason Request`)).exitCode).toBe(3)
  expect(await run(`erase observations ws_e ${ids} --reason Request`)).toMatchObject({
    exitCode: 0,
    out: expect.stringContaining('Erased 2 records of ws_e'),
  })
  expect((await run(`erase observations ws_e ${ids} --reason Request`)).out).toContain('Nothing to erase')
  expect((await run('audit verify ws_e')).exitCode).toBe(0)
  expect((await run('erase person rosa --reason Request')).exitCode).toBe(2)
  expect((await run('erase person usr_01kh7xq4tne5gz3v8w2m6ryb9c --reason Request')).exitCode).toBe(3)
})

it('[ERA-4, RUN-10] erase repeat: without a key of checkpoints it says so, and with one erases what is missing', async () => {
  const whole = environment
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-erase-'))
  onTestFinished(() => {
    environment = whole
    rmSync(folder, { recursive: true })
  })
  environment = { ...whole, SECRETS_DIR: folder, CHECKPOINT_DIR: path.join(folder, 'checkpoints') }
  await run('workspace create ws_f')
  expect((await run('erase repeat ws_f')).err).toContain('CHECKPOINT_KEY')
  environment = { ...environment, CHECKPOINT_KEY: 'a checkpoint key of at least 32 characters' }
  expect(await run('erase repeat ws_f')).toMatchObject({
    exitCode: 0,
    out: expect.stringContaining('Nothing to erase'),
  })
  expect((await run('erase repeat ws_none')).exitCode).toBe(3)
})
