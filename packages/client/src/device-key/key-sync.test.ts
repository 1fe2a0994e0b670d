import { memorySecrets, observation, seededRuns } from '@fieldsync/testkit'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'

import { connectServer } from '../server-connection.ts'
import { openSoftwareSigner } from '../signers/software-signer.ts'
import { Arrivals } from '../testing/arrivals.ts'
import { keyDevice } from '../testing/key-device.ts'
import type { Reason, Step } from '../testing/key-server.ts'
import { ManualClock } from '../testing/manual-clock.ts'

const DAY = 86_400_000
/**
 * A run sends a session and a batch three times each, and again after each of four actions; the typed call is sent once, and
 * again after these. Each of these attempts may fetch a token, in up to four requests.
 */
const MOST_REQUESTS = (2 * 3 + 4 + 1 + 4) * (1 + 4)
const TOKEN = '/oauth/token'
const BATCH = '/v1/sync/batch'
const LIVE = '/trpc/sync.live'

type Device = Awaited<ReturnType<typeof keyDevice>>

async function write({ client }: Device): Promise<void> {
  const { deterministicChecksum: _own, updatedAt: _at, ...record } = observation({ status: 'draft' })
  const draft = { ...record, deviceId: 'dev_scout_1', observationId: client.ids.observation() }
  expect(await client.saveObservation(draft)).toMatchObject({ ok: true })
}

describe('a sync of a device with a key', () => {
  it.each([0, DAY, -DAY])('[ENG-72, ENG-74] drains with a clock that is %d ms behind', async (behindMs) => {
    const device = await keyDevice({ behindMs })
    await write(device)
    expect(await device.client.sync()).toMatchObject({ state: 'idle', pending: 0 })
    await write(device)
    device.advance(3_600_000)
    expect(await device.client.sync()).toMatchObject({ state: 'idle', pending: 0 })
    const ids = device.server.requests.map(({ proof }) => proof.jti)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('[ENG-28, ENG-73] goes on where its token, its nonce and its proof are refused in one run', async () => {
    const device = await keyDevice()
    const { server, client } = device
    await write(device)
    await client.sync()
    await write(device)
    const refusals: Step[] = ['nonce', 'expired', 'replayed', 'clock_skew']
    server.before = ({ path }) => (path === BATCH ? refusals.shift() : undefined)
    expect(await client.sync()).toMatchObject({ state: 'idle', pending: 0 })
    expect(refusals).toEqual([])
  })

  it('[ENG-28, ENG-73] drains where all tokens end in the middle of it', async () => {
    const device = await keyDevice()
    const { server, client } = device
    await write(device)
    server.before = ({ path }) => {
      if (path === BATCH && server.count(BATCH) === 1) server.expireTokens()
      return undefined
    }
    expect(await client.sync()).toMatchObject({ state: 'idle', pending: 0 })
    expect(server.refusals).toEqual(['nonce', 'expired'])
  })

  it.each<[Reason, string]>([
    ['unconfirmed', 'wait'],
    ['revoked', 're_enrol'],
    ['invalid', 'authenticate'],
  ])('[ENG-28, ENG-74] leaves %s to a person, and names the action to the app', async (reason, action) => {
    for (const refusing of [TOKEN, BATCH]) {
      const device = await keyDevice()
      const { server, client } = device
      const actions: (string | null)[] = []
      client.subscribe((event) => event.kind === 'authRequired' && actions.push(event.action))
      await write(device)
      server.before = ({ path }) => (path === refusing ? reason : undefined)
      expect(await client.sync()).toMatchObject({
        state: 'auth_required',
        pending: 1,
        problem: `It is ${reason}.`,
        problemDetail: { kind: 'refused', code: 'AUTH_REQUIRED', reason, action },
      })
      expect(actions).toEqual([action])
      server.before = () => undefined
      client.credentialsChanged()
      expect(await client.sync()).toMatchObject({ state: 'idle', pending: 0 })
    }
  })

  it.each([TOKEN, BATCH])(
    '[WIP-4, ENG-82, ENG-83] wipes the device, and acknowledges that with a proof by its key alone: %s',
    async (refusing) => {
      const removed: string[] = []
      const secrets = memorySecrets()
      const signer = await openSoftwareSigner({
        owner: { url: 'https://sync.example.com', name: 'dev_scout_1' },
        secrets: {
          get: (name) => secrets.get(name),
          set: (name, value) => secrets.set(name, value),
          delete: async (name) => {
            removed.push('key')
            await secrets.delete(name)
          },
        },
      })
      const device = await keyDevice({ signer, onWipe: async () => void removed.push('program') })
      const { server, client } = device
      await client.sync()
      await write(device)
      server.expireTokens()
      const lost: Step[] = ['lost']
      server.before = ({ path }) => {
        if (path.endsWith(':acknowledgeWipe')) return lost.pop()
        return path === refusing ? 'wipe' : undefined
      }
      expect(await client.sync()).toMatchObject({
        state: 'auth_required',
        pending: 0,
        wipe: { step: 'done', unsentDeleted: 1, workspaceName: 'Ridge' },
      })
      const [, acknowledged] = server.requests.filter(({ path }) => path.endsWith(':acknowledgeWipe'))
      expect(acknowledged).toMatchObject({ method: 'POST', path: '/v1/devices/dev_scout_1:acknowledgeWipe' })
      expect(JSON.parse(acknowledged?.body ?? '')).toEqual({
        deviceId: 'dev_scout_1',
        clientId: 'ws_ridge/dev_scout_1',
        unsentDeleted: 1,
      })
      expect(acknowledged?.headers.authorization).toBeUndefined()
      expect(removed).toEqual(['program', 'key'])
    },
  )

  it('[ENG-73] is never refused for want of a network, and keeps the queue', async () => {
    let isOnline = true
    const connectivity = { isOnline: () => isOnline, onChange: () => () => undefined }
    const device = await keyDevice({
      connectivity,
      fetch: (url, init) => (isOnline ? fetch(url, init) : Promise.reject(new TypeError('fetch failed'))),
    })
    const { client, server, advance } = device
    await client.sync()
    isOnline = false
    await write(device)
    // Its token has ended meanwhile.
    advance(DAY)
    expect(await client.sync()).toMatchObject({ state: 'offline', pending: 1 })
    isOnline = true
    server.before = ({ path }) => (path === TOKEN ? 'lost' : undefined)
    expect(await client.sync()).toMatchObject({ state: 'sync_deferred', pending: 1 })
    server.before = () => undefined
    expect(await client.sync()).toMatchObject({ state: 'idle', pending: 0 })
  })

  it('[ENG-73, ENG-27] waits as long as the server that gives tokens says', async () => {
    const device = await keyDevice()
    const { client, server, clock } = device
    await write(device)
    server.before = ({ path }) =>
      path === TOKEN
        ? { status: 429, headers: { 'retry-after': '600' }, body: { error: 'slow_down' } }
        : undefined
    const { state, nextTryAt } = await client.sync()
    expect(state).toBe('sync_deferred')
    expect(nextTryAt).toBeGreaterThanOrEqual(clock.now() + 600_000)
    expect(server.requests).toHaveLength(1)
  })

  it('[ENG-21] that is stopped leaves no fetch of a token, and no timer', async () => {
    const clock = new ManualClock()
    const fetches = new Arrivals<AbortSignal>()
    const { client } = await keyDevice({
      clock,
      fetch: (_url, { signal }) => {
        fetches.add(signal)
        return new Promise(() => undefined)
      },
    })
    const sync = client.sync()
    const signal = await fetches.next()
    expect([signal.aborted, clock.nextIn === undefined]).toEqual([false, false])
    await client.stop()
    await sync
    await expect.poll(() => [signal.aborted, clock.nextIn]).toEqual([true, undefined])
  })
})

describe('the live stream of a device with a key', () => {
  it('[LIV-10, ENG-72] connects with a new proof each time, and with a new token where it has to', async () => {
    const { server, credentials, clock } = await keyDevice()
    const connection = connectServer({
      url: server.url,
      credentials,
      random: { next: () => 0 },
      clock: fastClock(clock),
    })
    const pokes = new Arrivals<'poke'>()
    server.before = ({ path }) => (path === LIVE && server.count(LIVE) === 2 ? 'expired' : undefined)
    onTestFinished(connection.poke.subscribe(() => pokes.add('poke')))
    await pokes.next()
    server.cutStreams()
    await pokes.next()
    const streams = server.requests.filter(({ path }) => path === LIVE)
    expect(streams).toHaveLength(3)
    expect(new Set(streams.map(({ proof }) => proof.jti)).size).toBe(3)
    expect(streams[2]?.headers.authorization).not.toBe(streams[1]?.headers.authorization)
    expect(server.refusals).toEqual(['nonce'])
  })
})

/** The same clock with timers that run out at once, but for the limits of a call. */
const fastClock = (clock: Device['clock']): Device['clock'] =>
  Object.assign(Object.create(clock) as Device['clock'], {
    now: () => clock.now(),
    after: (milliseconds: number, callback: () => void) =>
      clock.after(milliseconds < 5000 ? 0 : milliseconds, callback),
  })

describe('whatever the server refuses', () => {
  // Mostly what the device deals with by itself: everything else ends a run at once.
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom<Reason[]>(
        'nonce',
        'expired',
        'key_mismatch',
        'replayed',
        'proof_invalid',
        'clock_skew',
      ),
    },
    { weight: 4, arbitrary: fc.constantFrom<(Step | undefined)[]>('lost', undefined) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Step[]>(
        ...(['missing', 'invalid', 'unconfirmed', 'revoked'] as const),
        { status: 503, headers: { 'retry-after': '0' }, body: '' },
        { status: 500, body: '{}' },
        { status: 415, body: 'no' },
      ),
    },
  )
  const steps = fc.array(step, { minLength: 1, maxLength: 12 })

  it('[ENG-28, ENG-74] a sync and a call end after a bounded number of requests, and later all is sent', async () => {
    const script = fc.record({ token: steps, others: steps })
    await fc.assert(
      fc.asyncProperty(script, async ({ token, others }) => {
        const device = await keyDevice({ behindMs: DAY })
        const { server, client, call } = device
        await write(device)
        const turns = { token: 0, others: 0 }
        server.before = ({ path }) =>
          path === TOKEN ? token[turns.token++ % token.length] : others[turns.others++ % others.length]
        const { state } = await client.sync()
        await call().catch(() => undefined)
        expect(server.requests.length).toBeLessThanOrEqual(MOST_REQUESTS)
        expect(['idle', 'sync_deferred', 'auth_required', 'error']).toContain(state)
        const ids = server.requests.map(({ proof }) => proof.jti)
        expect(new Set(ids).size).toBe(ids.length)
        server.before = () => undefined
        client.credentialsChanged()
        expect(await client.sync()).toMatchObject({ state: 'idle', pending: 0 })
        await client.stop()
      }),
      seededRuns(20),
    )
  })
})
