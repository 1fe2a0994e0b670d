import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { openDatabase } from '@fieldsync/db'
import { Runtime, systemClock } from '@fieldsync/services'
import { testDatabase } from '@fieldsync/testkit'
import { pino } from 'pino'
import { afterAll, expect, it } from 'vitest'

import type { ConfiguredDevice } from '../env/device-tokens.ts'
import { adminRequest } from '../verb-request.ts'
import { createConfiguredDevices } from './run-server.ts'

const db = openDatabase({ url: (await testDatabase()).appUrl, max: 2 })
afterAll(() => db.close())
const runtime = new Runtime({ db, pepper: Buffer.alloc(32) })
const ctx = { runtime, clock: systemClock, request: adminRequest('system') }

/** Starts with these devices configured, and returns the warnings. */
async function warnings(devices: readonly ConfiguredDevice[]): Promise<unknown[]> {
  const lines: string[] = []
  const logger = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(line) })
  await createConfiguredDevices(ctx, devices, logger)
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
