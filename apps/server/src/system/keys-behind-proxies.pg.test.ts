import { createFieldsyncClient, deviceToken } from '@fieldsync/client'
import { deviceKey, enrollDevice } from '@fieldsync/client/device-key'
import { openSoftwareSigner } from '@fieldsync/client/signers/software'
import { DeviceId } from '@fieldsync/contracts'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { memorySecrets, observation, seededRandom } from '@fieldsync/testkit'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'

import { startProxy } from './testing/proxy.ts'
import { sharedSystem } from './testing/shared-system.ts'

const NOTES = 300
const DEVICE = { platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' } as const

const proxy = await startProxy()
afterAll(() => proxy[Symbol.asyncDispose]())
const system = await sharedSystem(2, { PUBLIC_URL: proxy.url })
const [first, second] = system.servers.map(({ url }) => url)
proxy.targets = [first ?? '', second ?? '']
const rng = seededRandom(12)

/** A device that has enrolled with a key, through the proxy. */
async function keyed() {
  const workspaceId = await system.workspace()
  const admin = await system.device(workspaceId, 'dev_admin', 'admin')
  const { api } = createFieldsyncClient({ url: admin.url, credentials: deviceToken(admin.token) })
  const deviceId = DeviceId.parse('dev_scout_1')
  const { url } = proxy
  const signer = await openSoftwareSigner({ owner: { url, name: deviceId }, secrets: memorySecrets() })
  const { code } = await api.devices.openEnrollment.mutate({ deviceId })
  const { clientId } = await enrollDevice({ url, code: code ?? '', device: DEVICE, signer })
  const credentials = () => deviceKey({ url, clientId, signer })
  return {
    workspaceId,
    api,
    deviceId,
    credentials,
    notes: async () => (await api.observations.list.query({ limit: 500 })).items,
    open: async () => {
      const client = createFieldsyncClient({
        url,
        credentials: credentials(),
        store: await openMemoryStore(new MemoryDisk()),
        device: { ...DEVICE, deviceId },
      })
      onTestFinished(() => client.stop())
      return client
    },
  }
}

type Keyed = Awaited<ReturnType<typeof keyed>>

async function save(client: Awaited<ReturnType<Keyed['open']>>, { deviceId }: Keyed, count: number) {
  for (let at = 0; at < count; at++) {
    const { deterministicChecksum: _own, updatedAt: _at, ...draft } = observation({ deviceId }, rng)
    const note = { ...draft, rawNoteText: `White powder on leaves, ${at}` }
    expect(await client.saveObservation(note)).toMatchObject({ ok: true })
  }
}

describe('a proxy that decodes bodies, between a device with a key and its servers', () => {
  it('[ACC-15, HDR-6] leaves proofs valid, since they are for the decoded body', async () => {
    const device = await keyed()
    const client = await device.open()
    proxy.body = (text) => text
    onTestFinished(() => void (proxy.body = undefined))
    await save(client, device, NOTES)
    expect(await client.sync()).toMatchObject({ state: 'idle', pending: 0, problem: null })
    expect(await device.notes()).toHaveLength(NOTES)
    const batches = proxy.passed.filter(({ path }) => path === '/v1/sync/batch')
    expect(batches.some(({ encoding, status }) => encoding === 'gzip' && status === 200)).toBe(true)
  })

  it('[ACC-15, AUD-8] that changes a body gets it refused: nothing is stored, and the log has the reason', async () => {
    const device = await keyed()
    const client = await device.open()
    proxy.body = (text) => text.replace('White powder', 'Green powder')
    onTestFinished(() => void (proxy.body = undefined))
    await save(client, device, 1)
    const before = proxy.passed.length
    expect(await client.sync()).toMatchObject({ pending: 1, problemDetail: { reason: 'proof_invalid' } })
    expect(await device.notes()).toEqual([])
    const refused = proxy.passed.slice(before).filter(({ reason }) => reason === 'proof_invalid')
    // With a new proof once (ENG-74), then not again.
    expect(refused).toHaveLength(2)
    const lines = system.servers.flatMap((server) =>
      server
        .logs()
        .split('\n')
        .filter((line) => line.includes('"reason":"proof_invalid"') && line.includes('credential refused')),
    )
    expect(lines).toHaveLength(refused.length)
    proxy.body = undefined
    expect(await client.sync()).toMatchObject({ state: 'idle', pending: 0 })
    expect(await device.notes()).toMatchObject([{ rawNoteText: 'White powder on leaves, 0' }])
  })
})

describe('[ACC-18] servers whose signing key is replaced', () => {
  const UNKNOWN_KEY_MS = 5000

  /** The time since the newest key was created, or the next one begins to sign. */
  const age = (column: 'active_from', interval: string) =>
    system.superuser.pool.query(
      `UPDATE signing_keys SET ${column} = now() - $1::interval
        WHERE kid = (SELECT kid FROM signing_keys ORDER BY active_from DESC, kid DESC LIMIT 1)`,
      [interval],
    )
  const kidOf = async (url: string): Promise<string[]> => {
    const { keys } = (await (await fetch(`${url}/oauth/jwks`)).json()) as { keys: { kid: string }[] }
    return keys.map(({ kid }) => kid)
  }

  it('refuse no request meanwhile, also where one of them does not have the new key yet', async () => {
    const device = await keyed()
    const started = Date.now()
    const [old] = await kidOf(first ?? '')
    expect(await kidOf(second ?? '')).toEqual([old])
    const before = proxy.passed.length
    let calls = 0
    const over = new AbortController()
    /** One device after the other: each gets a token from one server, and uses it at the other one. */
    const traffic = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const client = createFieldsyncClient({ url: proxy.url, credentials: device.credentials() })
        for (let i = 0; i < 4; i++) {
          await client.api.session.get.query()
          calls += 1
        }
      }
    }
    const running = traffic()
    await age('active_from', '91 days')
    // A server that starts now reads that the key is due, and creates the next one; the others will within a minute.
    await using creator = await system.start()
    const both = await kidOf(creator.url)
    expect(both).toHaveLength(2)
    // A quarter of an hour later, for one server: the other two have read the table before.
    await age('active_from', '1 second')
    await using signer = await system.start()
    await expect.poll(() => Date.now() - started).toBeGreaterThan(UNKNOWN_KEY_MS)
    const since = calls
    proxy.targets = [first ?? '', signer.url]
    await expect.poll(() => calls).toBeGreaterThan(since + 40)
    over.abort()
    await running
    expect(await kidOf(signer.url)).toEqual(both)
    const refusals = proxy.passed.slice(before).filter(({ status }) => status !== 200)
    // Every client begins without a nonce.
    expect(new Set(refusals.map(({ reason }) => reason))).toEqual(new Set(['nonce']))
  })
})
