import { describe, expect, it } from 'vitest'

import { createFieldsyncClient } from '../create-fieldsync-client.ts'
import { newSigner } from '../testing/key-device.ts'
import { CLIENT_ID, KeyServer, type Step } from '../testing/key-server.ts'
import { deviceKey } from './device-key.ts'
import { enrollDevice, type EnrollDeviceOptions } from './enroll-device.ts'

const ENROLL = '/v1/devices/enroll'
const DEVICE = { platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' } as const

/** Enrolls a device at a server of its own. */
async function enrolling(options: Partial<EnrollDeviceOptions> = {}) {
  const server = await KeyServer.start(() => ({ result: { data: 'done' } }))
  const signer = options.signer ?? (await newSigner())
  const waits: number[] = []
  const clock = {
    now: () => server.now,
    after: (milliseconds: number, callback: () => void) => {
      // The limits of a call are longer.
      if (milliseconds > 5000) return () => undefined
      waits.push(milliseconds)
      callback()
      return () => undefined
    },
  }
  const enroll = (more: Partial<EnrollDeviceOptions> = {}) =>
    enrollDevice({
      url: server.url,
      code: 'code-1',
      device: DEVICE,
      signer,
      clock,
      ...options,
      ...more,
    })
  return { server, signer, clock, enroll, waits }
}

/** Does these things to the next calls to enroll. */
const next = (server: KeyServer, ...steps: (Step | undefined)[]): void => {
  server.before = ({ path }) => (path === ENROLL ? steps.shift() : undefined)
}

describe('[ENG-75] a device that enrolls', () => {
  it('proves its key with a nonce of the server, and then has tokens', async () => {
    const { server, signer, clock, enroll } = await enrolling()
    const enrolled = await enroll()
    expect(enrolled).toMatchObject({
      clientId: CLIENT_ID,
      deviceId: 'dev_scout_1',
      role: 'scout',
      confirmed: true,
    })
    expect(server.requests.map(({ path }) => path)).toEqual([ENROLL, ENROLL])
    expect(JSON.parse(server.requests[1]?.body ?? '')).toEqual({
      code: 'code-1',
      device: { ...DEVICE, offlineModeEnabled: true, updatedAt: new Date(server.now).toISOString() },
      publicKeyJwk: await signer.publicKeyJwk(),
    })
    const credentials = deviceKey({ url: server.url, clientId: enrolled.clientId, signer, clock })
    const { api } = createFieldsyncClient({ url: server.url, credentials, clock })
    expect(await api.health.query()).toBe('done')
  })

  it('repeats a call whose answer was lost, with a new proof, and is enrolled once', async () => {
    const { server, enroll, waits } = await enrolling()
    next(server, undefined, 'lost', 'lost')
    expect(await enroll()).toMatchObject({ clientId: CLIENT_ID })
    expect(waits).toHaveLength(2)
    expect(waits[0]).toBeGreaterThanOrEqual(500)
    expect(waits[1]).toBeGreaterThanOrEqual(1000)
    expect(new Set(server.requests.map(({ proof }) => proof.jti)).size).toBe(4)
  })

  it('reports an answer that stays away, and may be repeated with the same code and key', async () => {
    const { server, enroll } = await enrolling()
    next(server, undefined, 'lost', 'lost', 'lost')
    await expect(enroll()).rejects.toMatchObject({
      name: 'NetworkError',
      kind: 'unreachable',
      retryable: true,
    })
    expect(server.count(ENROLL)).toBe(4)
    expect(await enroll()).toMatchObject({ clientId: CLIENT_ID })
  })

  it('is refused with a code that another key has used, or that is none', async () => {
    const { server, enroll } = await enrolling()
    await enroll()
    for (const more of [{ signer: await newSigner() }, { code: 'code-2' }]) {
      const before = server.count(ENROLL)
      await expect(enroll(more)).rejects.toMatchObject({
        name: 'FieldsyncError',
        status: 410,
        code: 'ENROLLMENT_INVALID',
      })
      expect(server.count(ENROLL) - before).toBe(2)
    }
  })

  it('does once what a refusal of its proof requires', async () => {
    const { server, enroll } = await enrolling()
    next(server, undefined, 'replayed', 'clock_skew')
    expect(await enroll()).toMatchObject({ clientId: CLIENT_ID })
    next(server, 'replayed', 'replayed')
    await expect(enroll()).rejects.toMatchObject({ code: 'AUTH_REQUIRED', details: { action: 'new_proof' } })
  })

  it('leaves a busy server alone', async () => {
    const { server, enroll } = await enrolling()
    const error = { code: 'RATE_LIMITED', message: 'slow down', retryable: true, traceId: 't' }
    next(server, { status: 429, headers: { 'retry-after': '60' }, body: { requestId: 'r', error } })
    await expect(enroll()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 60_000 })
    expect(server.count(ENROLL)).toBe(1)
  })

  it('is not enrolled by what is no Fieldsync server', async () => {
    const { server, enroll } = await enrolling()
    const enrolled = await enroll()
    const answers = [
      { status: 200, body: '<html>Welcome</html>' },
      { status: 200, body: { clientId: CLIENT_ID } },
      { status: 502, body: '' },
      { status: 502, body: enrolled },
    ]
    for (const answer of answers) {
      next(server, answer)
      await expect(enroll()).rejects.toMatchObject({ kind: 'not_ours', status: answer.status })
    }
  })

  it('tries nothing again without a network', async () => {
    let calls = 0
    const fetch = () => {
      calls += 1
      return Promise.reject(new TypeError('fetch failed'))
    }
    const connectivity = { isOnline: () => false, onChange: () => () => undefined }
    const { enroll } = await enrolling({ fetch, connectivity })
    await expect(enroll()).rejects.toMatchObject({ kind: 'offline' })
    expect(calls).toBe(1)
  })
})
