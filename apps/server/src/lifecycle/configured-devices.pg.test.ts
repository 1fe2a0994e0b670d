import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { openDatabase } from '@fieldsync/db'
import { changeSettings, Runtime, systemClock, systemContext } from '@fieldsync/services'
import { testDatabase } from '@fieldsync/testkit'
import { type Logger, pino } from 'pino'
import { afterAll, expect, it } from 'vitest'

import type { ConfiguredDevice } from '../env/device-tokens.ts'
import { adminRequest } from '../verb-request.ts'
import { warnOfAdminTokens } from './background-work.ts'
import { createConfiguredDevices } from './run-server.ts'

const db = openDatabase({ url: (await testDatabase()).appUrl, max: 2 })
afterAll(() => db.close())
const runtime = new Runtime({ db, pepper: Buffer.alloc(32) })
const ctx = { runtime, clock: systemClock, request: adminRequest('system') }

/** Starts with these devices configured, and returns the warnings. */
const warnings = (devices: readonly ConfiguredDevice[]): Promise<unknown[]> =>
  warningsOf((logger) => createConfiguredDevices(ctx, devices, logger))

async function warningsOf(work: (logger: Logger) => Promise<void>): Promise<unknown[]> {
  const lines: string[] = []
  const logger = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(line) })
  await work(logger)
  return lines
    .map((line): unknown => JSON.parse(line))
    .filter((line) => JSON.stringify(line).includes('"level":40'))
}

const scout: ConfiguredDevice = {
  workspaceId: WorkspaceId.parse('ws_ridge'),
  deviceId: DeviceId.parse('dev_scout_1'),
  role: 'scout',
  token: 'a-long-enough-token',
}

it('[RUN-4] a start says where the devices of DEVICE_TOKENS are not what the list says', async () => {
  expect(await warnings([scout])).toEqual([])
  expect(await warnings([scout])).toEqual([])
  expect(await warnings([{ ...scout, role: 'admin' }])).toEqual([
    expect.objectContaining({
      deviceId: 'dev_scout_1',
      role: 'scout',
      msg: expect.stringMatching(/a different role/),
    }),
  ])
  expect(await warnings([{ ...scout, token: 'another-long-token' }])).toEqual([
    expect.objectContaining({
      deviceId: 'dev_scout_1',
      msg: expect.stringMatching(/earlier tokens stay valid/),
    }),
  ])
})

const boss: ConfiguredDevice = {
  ...scout,
  deviceId: DeviceId.parse('dev_boss'),
  role: 'admin',
  token: 'the-token-of-a-boss',
}
const admins = (workspaceId: string, count: number) => ({
  level: 40,
  workspaceId,
  admins: count,
  msg: 'admins may call with pre-shared tokens; give their devices keys',
})

it('[WSP-5, ACC-26] a start counts the admins with tokens, by workspace, until it refuses these', async () => {
  const warned = () => warningsOf((logger) => warnOfAdminTokens(ctx, logger))
  expect(await warned()).toEqual([])
  const second = { ...boss, deviceId: DeviceId.parse('dev_second'), token: 'the-token-of-another' }
  const elsewhere = { ...boss, workspaceId: WorkspaceId.parse('ws_valley'), token: 'the-token-in-the-valley' }
  await warnings([boss, second, elsewhere])
  expect(await warned()).toEqual([admins('ws_ridge', 2), admins('ws_valley', 1)])
  await db.pool.query(
    `INSERT INTO device_keys (workspace_id, device_id, thumbprint, public_jwk, created_at, confirmed_at, first_used_at)
       VALUES ('ws_valley', 'dev_boss', 'k', '{}', now(), now(), now())`,
  )
  const valley = await systemContext(ctx, elsewhere.workspaceId)
  await changeSettings({ ctx: valley, input: { baseVersion: 0, deviceTokens: { mode: 'refused' } } })
  expect(await warned()).toEqual([admins('ws_ridge', 2)])
  expect(await warnings([elsewhere])).toMatchObject([
    { workspaceId: 'ws_valley', msg: expect.stringMatching(/accepts no device tokens/) },
  ])
})

it('[WSP-5] a start names no more than twenty workspaces', async () => {
  const many = Array.from({ length: 21 }, (_, n): ConfiguredDevice => {
    const workspaceId = WorkspaceId.parse(`ws_many_${n}`)
    return { ...boss, workspaceId, token: `the-token-of-boss-${n}` }
  })
  await warnings(many)
  const lines = await warningsOf((logger) => warnOfAdminTokens(ctx, logger))
  expect(lines).toHaveLength(21)
  expect(lines.at(-1)).toMatchObject({ msg: 'so may admins of further workspaces' })
})
