import { testDatabase } from '@fieldsync/testkit'
import { beforeAll, expect, it } from 'vitest'

import { runCommandLine } from '../testing/run-command-line.ts'

let environment: Record<string, string>

beforeAll(async () => {
  const database = await testDatabase()
  environment = { DATABASE_URL: database.ownerUrl, PEPPER: 'a pepper of at least 32 characters.' }
  await run('workspace create ws_ridge')
})

const run = (line: string) => runCommandLine(environment, line, { input: undefined, answered: undefined })

it('[PEO-6] user create-admin prints a link that leads to this server, and ends the one before', async () => {
  const server = 'https://sync.example.com'
  const made = await run(`user create-admin ws_ridge --server ${server} --json`)
  expect(JSON.parse(made.out)).toEqual({
    workspaceId: 'ws_ridge',
    link: expect.stringMatching(/^https:\/\/sync\.example\.com\/accept#[0-9A-Z-]{30}$/) as string,
  })
  expect((await run('user create-admin ws_nowhere')).exitCode).toBe(3)
  expect((await run('user create-admin ws_ridge --days 365')).exitCode).toBe(2)
})

it('[PEO-9] user list and reset-link know nobody yet', async () => {
  expect((await run('user list ws_ridge')).out).toContain('user create-admin ws_ridge')
  expect(JSON.parse((await run('user list ws_ridge --json')).out)).toEqual([])
  expect((await run('user reset-link ws_ridge nobody@example.com')).exitCode).toBe(3)
})
