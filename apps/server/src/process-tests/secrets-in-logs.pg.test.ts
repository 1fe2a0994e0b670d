import { connectionUrl } from '@fieldsync/db'
import { startServer, testDatabase } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { switchableLink } from '../testing/switchable-link.ts'
import { sync } from '../testing/sync-over-http.ts'

it('[ACC-3] [HDR-3] [PEO-10] no secret reaches the log at its most talkative; request and trace ids do', async () => {
  const database = await testDatabase()
  await using link = await switchableLink(Number(new URL(database.appUrl).port))
  await link.up()
  await using server = await startServer({
    env: {
      DATABASE_URL: connectionUrl(database.ownerUrl, { port: link.port }),
      PEPPER: 'canary-pepper-canary-pepper-canary',
      PEPPER_PREVIOUS: 'canary-of-before-canary-of-before-canary',
      DEVICE_TOKENS: 'ws_ridge/dev_one=canary-token-one,ws_ridge/dev_two=canary',
      LOG_LEVEL: 'trace',
    },
  })
  const { url } = server
  const caller = { url, deviceId: 'dev_one', token: 'canary-token-one' }
  const password = new URL(database.ownerUrl).password
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

  expect((await sync(caller)).status).toBe(200)
  expect((await sync({ ...caller, token: 'canary-wrong-token' })).status).toBe(401)
  await fetch(`${url}/v1/observations?token=canary-in-query`, {
    headers: { authorization: 'Bearer canary-bearer' },
  })
  await fetch(`${url}/v1/observations`, {
    headers: { 'x-device-token': caller.token, 'x-request-id': 'request-of-the-test', traceparent },
  })
  await fetch(`${url}/v1/sync/batch`, {
    method: 'POST',
    headers: {
      'x-device-token': caller.token,
      'content-type': 'application/json',
      'idempotency-key': 'canary-key',
    },
    body: '{"canary-body": ',
  })
  await fetch(`${url}/trpc/observations.list?input=canary-input`, {
    headers: { 'x-device-token': caller.token },
  })
  const secret = { client_id: 'ws_ridge/dev_svc_one', client_secret: 'canary-secret' }
  for (const [form, headers] of [
    [secret, {}],
    [{}, { authorization: `Basic ${Buffer.from('ws_ridge/dev_svc_one:canary-secret').toString('base64')}` }],
  ] as const) {
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...form })
    expect((await fetch(`${url}/oauth/token`, { method: 'POST', headers, body })).status).toBe(401)
  }
  const person = { email: 'canary@example.com', password: 'canary-password' }
  const opened = { code: 'CANARYCANARYCANARYCANARY12' }
  for (const [path, body, status] of [
    ['/auth/sign-in', person, 401],
    ['/auth/invitation', opened, 410],
    ['/auth/accept', { ...opened, name: 'Canary', password: 'canary-password' }, 410],
    ['/auth/reset', { ...opened, newPassword: 'canary-password' }, 410],
  ] as const) {
    const headers = { 'content-type': 'application/json', origin: url, cookie: 'fieldsync_session=canary' }
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    expect(answer.status, path).toBe(status)
  }
  await fetch(`${url}/auth/callback/oidc?code=canary-code&state=canary-state`, { redirect: 'manual' })
  await link.down()
  expect((await sync(caller)).status).toBe(503)
  await link.up()
  const { stdout, stderr, code } = await server.kill('SIGTERM')

  expect(code).toBe(0)
  expect(stdout).toContain('"path":"/v1/sync/batch"')
  expect(stdout).toMatch(/"requestId":"request-of-the-test","traceId":"0af7651916cd43dd8448eb211c80319c"/)
  expect(stdout + stderr).not.toMatch(/canary/i)
  expect(stdout + stderr).not.toContain(password)
})
