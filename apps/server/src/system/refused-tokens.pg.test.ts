import { randomUUID } from 'node:crypto'

import { createFieldsyncClient, deviceToken, type FieldsyncClient } from '@fieldsync/client'
import type { DeviceTokens } from '@fieldsync/contracts'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import {
  type Caller,
  DeviceKey,
  observation,
  openLive,
  refusal,
  postBatch,
  syncBatch,
  device,
} from '@fieldsync/testkit'
import { expect, it, onTestFinished } from 'vitest'

import { sharedSystem } from './testing/shared-system.ts'

const system = await sharedSystem(2)
const [here, there = here] = system.servers

/** A workspace with a scout at the second server, and an admin with a key who changes the settings at the first. */
async function farm() {
  const workspaceId = await system.workspace()
  const scout = await system.device(workspaceId, 'dev_scout_1', 'scout', 1)
  const admin = await system.device(workspaceId, 'dev_admin', 'admin')
  const { api } = createFieldsyncClient({ url: admin.url, credentials: deviceToken(admin.token) })
  const key = await DeviceKey.generate()
  const { code } = await api.devices.openEnrollment.mutate({
    deviceId: (await api.session.get.query()).deviceId,
  })
  expect((await key.enroll(here.url, code ?? '')).status).toBe(200)
  const answer = await key.token(here.url, `${workspaceId}/dev_admin`, { at: new Date() })
  const { access_token: accessToken } = (await answer.json()) as { access_token: string }
  const call = async <T>(path: string, body?: object): Promise<T> => {
    const sent = await key.send(`${here.url}/v1${path}`, {
      accessToken,
      ...(body ? { body: JSON.stringify(body), headers: { 'idempotency-key': randomUUID() } } : {}),
    })
    if (!sent.ok) throw new Error(await sent.text())
    return (await sent.json()) as T
  }
  return {
    workspaceId,
    scout,
    set: async (deviceTokens: DeviceTokens) => {
      const { version } = await call<{ version: number }>('/workspace/settings')
      await call('/workspace/settings:change', { baseVersion: version, deviceTokens })
    },
    codeFor: async (deviceId: string) =>
      (await call<{ code: string }>('/devices/enrollments', { deviceId })).code,
    /** A note of the admin's own, which pokes every stream of the workspace. */
    write: () => call('/observations', observation({ deviceId: 'dev_admin' })),
    notes: async () => (await call<object[]>(`/observations?limit=500&deviceId=${scout.deviceId}`)).length,
  }
}

async function phoneOf(caller: Caller): Promise<FieldsyncClient> {
  const client = createFieldsyncClient({
    url: caller.url,
    credentials: deviceToken(caller.token),
    store: await openMemoryStore(new MemoryDisk()),
    device: { deviceId: caller.deviceId, platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' },
  })
  onTestFinished(() => client.stop())
  return client
}

async function save(client: FieldsyncClient, deviceId: string): Promise<void> {
  const { deterministicChecksum: _own, updatedAt: _at, ...draft } = observation({ deviceId })
  expect(await client.saveObservation(draft as Parameters<typeof client.saveObservation>[0])).toMatchObject({
    ok: true,
  })
}

it('[ACC-25, ACC-27, ACC-28] tokens refused at one server are refused at the other, whose stream ends; no note is lost', async () => {
  const { workspaceId, scout, set, codeFor, write, notes } = await farm()
  const phone = await phoneOf(scout)
  await save(phone, scout.deviceId)
  await phone.sync()
  await using stream = await openLive(scout)
  expect((await stream.next())?.event).toBe('connected')

  await set({ mode: 'refused' })
  await save(phone, scout.deviceId)
  expect(await phone.sync()).toMatchObject({
    state: 'auth_required',
    pending: 1,
    problemDetail: { code: 'AUTH_REQUIRED', reason: 'token_refused', action: 're_enrol' },
  })
  expect(await notes()).toBe(1)
  // Before the poke is sent, rights are looked at.
  await write()
  expect((await stream.next())?.data).toContain('"token_refused"')
  await there.logged('credential refused')

  await set({ mode: 'allowed' })
  phone.credentialsChanged()
  expect(await phone.sync()).toMatchObject({ state: 'idle', pending: 0 })
  expect(await notes()).toBe(2)

  await set({ mode: 'refused' })
  const key = await DeviceKey.generate()
  expect((await key.enroll(there.url, await codeFor(scout.deviceId))).status).toBe(200)
  const token = await key.token(there.url, `${workspaceId}/${scout.deviceId}`, { at: new Date() })
  expect(token.status).toBe(200)
  expect(await system.verifyAudit(workspaceId)).toMatchObject({ ok: true })
})

it('[ACC-25] a moment passes at every server by itself', async () => {
  const { scout, set } = await farm()
  const send = (url: string) =>
    postBatch({ ...scout, url }, syncBatch({ device: device({ deviceId: scout.deviceId }) }))
  for (const { url } of system.servers) expect((await send(url)).status).toBe(200)
  await set({ mode: 'until', until: new Date(Date.now() + 3000).toISOString() })
  for (const { url } of system.servers) {
    await expect.poll(async () => (await send(url)).status, { timeout: 30_000 }).toBe(401)
    expect(refusal(await send(url)).details).toMatchObject({ reason: 'token_refused' })
  }
})
