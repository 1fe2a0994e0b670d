import { startServer } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { runCommand } from '../testing/client-devices.ts'
import { sync } from '../testing/sync-over-http.ts'

it('[RUN-4] [RUN-10] [ACC-4] a device revoked beside the running server stays revoked, though DEVICE_TOKENS still names it', async () => {
  const env = { DEVICE_TOKENS: 'ws_ridge/dev_one=pre-shared-token-one' }
  await using server = await startServer({ env })
  const caller = { url: server.url, deviceId: 'dev_one', token: 'pre-shared-token-one' }
  const cli = (...args: string[]) => runCommand(args, { DATA_DIR: server.dataDir })
  expect((await sync(caller)).status).toBe(200)

  const made = await cli('device', 'create', 'ws_ridge', 'dev_two', '--json')
  const { token } = JSON.parse(made.stdout) as { token: string }
  expect((await sync({ url: server.url, deviceId: 'dev_two', token })).status).toBe(200)
  expect(await cli('audit', 'verify')).toMatchObject({ code: 0, stdout: expect.stringContaining('intact') })

  expect((await cli('device', 'revoke', 'ws_ridge', 'dev_one')).code).toBe(0)
  const refused = await sync(caller)
  expect(refused.status).toBe(401)
  expect(await refused.json()).toMatchObject({
    error: { details: { reason: 'revoked', action: 're_enrol' } },
  })

  await server.kill('SIGTERM')
  await using next = await startServer({ env: { ...env, DATA_DIR: server.dataDir } })
  expect((await sync({ ...caller, url: next.url })).status).toBe(401)
  expect((await sync({ url: next.url, deviceId: 'dev_two', token })).status).toBe(200)
})
