import {
  createFieldsyncClient,
  type CredentialProvider,
  deviceToken,
  type FieldsyncClient,
} from '@fieldsync/client'
import { deviceKey, enrollDevice } from '@fieldsync/client/device-key'
import { openSoftwareSigner } from '@fieldsync/client/signers/software'
import type { DeviceId } from '@fieldsync/contracts'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { type Caller, memorySecrets, observation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'

import { sharedSystem } from './testing/shared-system.ts'

const UNSENT = 500
const system = await sharedSystem(2)
const rng = seededRandom(12)

async function openClient(
  { deviceId, url }: Pick<Caller, 'deviceId' | 'url'>,
  credentials: CredentialProvider,
  disk: MemoryDisk,
): Promise<FieldsyncClient> {
  const client = createFieldsyncClient({
    url,
    credentials,
    store: await openMemoryStore(disk),
    device: { deviceId, platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' },
  })
  onTestFinished(() => client.stop())
  return client
}

async function save(client: FieldsyncClient, deviceId: string, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    const { deterministicChecksum: _own, updatedAt: _at, ...draft } = observation({ deviceId }, rng)
    expect(await client.saveObservation(draft)).toMatchObject({ ok: true })
  }
}

/** A phone with its store, an admin, and a second server: nothing of what one of them knows is at the other. */
async function farm() {
  const workspaceId = await system.workspace()
  const caller = await system.device(workspaceId, 'dev_scout_1', 'scout')
  const admin = await system.device(workspaceId, 'dev_admin', 'admin')
  const { api } = createFieldsyncClient({ url: admin.url, credentials: deviceToken(admin.token) })
  const deviceId = caller.deviceId as DeviceId
  const disk = new MemoryDisk()
  const elsewhere = system.servers[1]?.url ?? ''
  const notes = async () => (await api.observations.list.query({ limit: 500 })).items.length
  return {
    workspaceId,
    caller,
    api,
    deviceId,
    disk,
    notes,
    with: (token: string | null, url = elsewhere) =>
      openClient({ ...caller, url }, deviceToken(token ?? ''), disk),
    /** The same phone with a key, by an enrollment that an admin opens for it at the other server. */
    enrolled: async (name: string) => {
      const signer = await openSoftwareSigner({ owner: { url: elsewhere, name }, secrets: memorySecrets() })
      const { code } = await api.devices.openEnrollment.mutate({ deviceId })
      const { clientId } = await enrollDevice({ url: elsewhere, code: code ?? '', signer })
      return openClient({ ...caller, url: elsewhere }, deviceKey({ url: elsewhere, clientId, signer }), disk)
    },
  }
}

describe('a phone with 500 unsent notes', () => {
  it('[OPS-36][GUA-1] that was revoked keeps them, and sends each once after it was readmitted', async () => {
    const { api, deviceId, caller, notes, workspaceId, with: phoneWith } = await farm()
    const phone = await phoneWith(caller.token)
    await save(phone, deviceId, 1)
    await phone.sync()
    await api.devices.revoke.mutate({ deviceId })
    await save(phone, deviceId, UNSENT - 1)
    await phone.sync()
    expect(phone.status()).toMatchObject({ state: 'auth_required', pending: UNSENT - 1 })
    await phone.stop()

    const { token } = await api.devices.readmit.mutate({ deviceId })
    const again = await phoneWith(token)
    await again.sync()
    expect(again.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0, quarantined: 0 })
    expect(await notes()).toBe(UNSENT)
    expect(await system.verifyAudit(workspaceId)).toMatchObject({ ok: true })
  })

  it('[ENR-2][ENG-74][GUA-1] and a key, that was revoked keeps them, and sends each once with its next key', async () => {
    const { api, deviceId, notes, workspaceId, enrolled } = await farm()
    const phone = await enrolled('first')
    await save(phone, deviceId, 1)
    await phone.sync()
    expect(await notes()).toBe(1)
    await api.devices.revoke.mutate({ deviceId })
    await save(phone, deviceId, UNSENT - 1)
    await phone.sync()
    expect(phone.status()).toMatchObject({
      state: 'auth_required',
      pending: UNSENT - 1,
      problemDetail: { reason: 'revoked', action: 're_enrol' },
    })
    expect(await notes()).toBe(1)
    await phone.stop()

    const again = await enrolled('second')
    await again.sync()
    expect(again.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0, quarantined: 0 })
    expect(await notes()).toBe(UNSENT)
    expect(await system.verifyAudit(workspaceId)).toMatchObject({ ok: true })
  })

  it('[OPS-35][ACC-12] goes on with its token until its new one is used, which ends the old at the other server', async () => {
    const { api, deviceId, caller, notes, with: phoneWith } = await farm()
    const phone = await phoneWith(caller.token)
    const { token } = await api.devices.reissueToken.mutate({ deviceId })
    await save(phone, deviceId, 1)
    await phone.sync()
    expect(phone.status()).toMatchObject({ state: 'idle', pending: 0 })
    await save(phone, deviceId, UNSENT - 1)
    await phone.stop()

    const again = await phoneWith(token, caller.url)
    await again.sync()
    expect(again.status()).toMatchObject({ state: 'idle', pending: 0 })
    expect(await notes()).toBe(UNSENT)
    await again.stop()
    const old = await phoneWith(caller.token)
    await old.sync()
    expect(old.status()).toMatchObject({ state: 'auth_required' })
  })

  it('[OPS-34][ACC-4] whose role became viewer sends none of them and loses none', async () => {
    const { api, deviceId, caller, notes, with: phoneWith } = await farm()
    const phone = await phoneWith(caller.token)
    await phone.sync()
    await api.devices.setRole.mutate({ deviceId, role: 'viewer' })
    await save(phone, deviceId, 3)
    await phone.sync()
    expect(phone.status()).toMatchObject({ pending: 3 })
    expect(await notes()).toBe(0)
    await api.devices.setRole.mutate({ deviceId, role: 'scout' })
    await phone.sync()
    expect(phone.status()).toMatchObject({ state: 'idle', pending: 0 })
    expect(await notes()).toBe(3)
  })
})
