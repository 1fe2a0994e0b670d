import { listAllSecurityEvents } from '@fieldsync/services'
import { DeviceKey } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { peopleApi } from './testing/people-api.ts'

const api = await peopleApi()

it('[AUD-20] counts refused tokens, enrollments and sign-ins, each once a minute, and never with what was sent', async () => {
  const workspaceId = await api.workspace()
  const token = await api.device(workspaceId, 'dev_lost', 'scout')
  await api.revoke(workspaceId, 'dev_lost')
  const call = (deviceToken: string) =>
    fetch(`${api.url}/v1/session`, { headers: { 'x-device-token': deviceToken } })
  for (const each of [token, token, 'canary-token-of-nobody']) expect((await call(each)).status).toBe(401)
  const key = await DeviceKey.generate()
  expect((await key.enroll(api.url, '00000-00000-00000-00000-00000-0')).status).toBe(410)
  const signIn = { email: 'canary@example.com', password: 'a canary password' }
  expect((await api.browser().post('/auth/sign-in', signIn)).status).toBe(401)
  await api.runtime.security.flush()
  const events = await listAllSecurityEvents({
    ctx: { ...(await api.system(workspaceId)) },
  })
  const counted = events.map(({ count, deviceId, kind, reason }) => `${kind} ${reason} ${deviceId} ${count}`)
  expect(counted).toContain('credential revoked dev_lost 2')
  expect(counted).toContain('credential invalid null 1')
  expect(counted.filter((each) => each.startsWith('enrollment'))).toHaveLength(1)
  expect(counted.filter((each) => each.startsWith('sign_in'))).toHaveLength(1)
  expect(JSON.stringify(events)).not.toContain('canary')
  expect(events.find(({ reason }) => reason === 'revoked')).toMatchObject({
    workspaceId,
    address: '127.0.0.1',
  })
})
