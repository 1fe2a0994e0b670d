import { describe, expect, it } from 'vitest'

import { newSigner, keyDevice } from '../testing/key-device.ts'
import { deviceKey } from './device-key.ts'

const DAY = 86_400_000
const TOKEN = '/oauth/token'
const TOKEN_MS = 600_000

const isClaim = (name: string): boolean => name !== 'thumbprint'

/** The error that a call rejects with. */
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => new Error('it did not reject'),
    (error: unknown) => error,
  )

describe('a call of a device with a key', () => {
  it('[ENG-72] carries a token and a proof for this one request', async () => {
    const { client, server, call } = await keyDevice()
    await call()
    await client.api.observations.list.query({ limit: 5 })
    await client.api.devices.revoke.mutate({ deviceId: 'dev_scout_2' })
    const proofs = server.requests.map(({ path, proof }) => [
      path,
      Object.keys(proof).filter(isClaim).join(' '),
    ])
    // The server verifies what is in them. Before its first answer there is no nonce.
    expect(proofs).toEqual([
      [TOKEN, 'jti htm htu iat'],
      [TOKEN, 'jti htm htu iat nonce'],
      ['/trpc/health', 'jti htm htu iat nonce ath'],
      ['/trpc/observations.list', 'jti htm htu iat nonce ath'],
      ['/trpc/devices.revoke', 'jti htm htu iat nonce ath htd'],
    ])
    expect(server.refusals).toEqual(['nonce'])
  })

  it('[ENG-72, HDR-6] has a new proof in every attempt, for the body before compression', async () => {
    const { client, server, call } = await keyDevice()
    await call()
    let refusals = 1
    server.before = ({ headers }) =>
      headers['content-encoding'] !== undefined && refusals-- > 0
        ? { status: 415, body: 'no gzip' }
        : undefined
    const deviceId = 'd'.repeat(3000)
    await client.api.devices.revoke.mutate({ deviceId })
    const sent = server.requests.slice(-2)
    expect(sent.map(({ headers }) => headers['content-encoding'])).toEqual(['gzip', undefined])
    expect(sent[0]?.proof['htd']).toBe(sent[1]?.proof['htd'])
    expect(sent[0]?.proof.jti).not.toBe(sent[1]?.proof.jti)
  })

  it('[ENG-72] takes the nonce of the newest answer, which spares a round trip', async () => {
    const { server, call, advance } = await keyDevice()
    for (let i = 0; i < 3; i++) await call()
    expect(server.refusals).toEqual(['nonce'])
    const nonces = server.requests.map(({ proof }) => proof['nonce'])
    expect(new Set(nonces).size).toBe(5)
    // After a night both have ended, and the answers of the token’s own endpoint bring both.
    advance(DAY)
    await call()
    expect(server.requests.slice(5).map(({ path }) => path)).toEqual([TOKEN, TOKEN, '/trpc/health'])
  })

  it('[ENG-72] is repeated where its nonce has ended and its token has not', async () => {
    const { server, call } = await keyDevice()
    await call()
    server.before = ({ path }) => {
      server.before = () => undefined
      return path === '/trpc/health' ? 'nonce' : undefined
    }
    expect(await call()).toBe('done')
    expect(server.requests.slice(3).map(({ path }) => path)).toEqual(['/trpc/health', '/trpc/health'])
  })

  it.each(['replayed', 'proof_invalid'] as const)(
    '[ENG-74] is repeated with a new proof: %s',
    async (reason) => {
      const { server, call } = await keyDevice()
      let times = 1
      server.before = ({ path }) => (path === '/trpc/health' && times-- > 0 ? reason : undefined)
      expect(await call()).toBe('done')
      expect(server.count('/trpc/health')).toBe(2)
      expect(server.count(TOKEN)).toBe(2)
    },
  )

  it('[ENG-72] never uses a proof again, whatever it is repeated for', async () => {
    const { server, call, advance } = await keyDevice()
    const steps = ['nonce', 'expired', 'replayed', 'lost', undefined] as const
    let turn = 0
    server.before = () => steps[turn++ % steps.length]
    for (let i = 0; i < 10; i++) {
      await errorOf(call())
      advance(100_000)
    }
    const ids = server.requests.map(({ proof }) => proof.jti)
    expect(ids.length).toBeGreaterThan(20)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('is refused by the device itself at another server', async () => {
    const { credentials, server } = await keyDevice()
    const request = { method: 'GET', url: `${server.url}0/v1/session`, body: undefined }
    await expect(credentials.headers(request)).rejects.toThrow(`This key is for ${server.url} alone.`)
    expect(server.requests).toEqual([])
  })

  it('shares a live stream with the other tabs of the device, and with no other device', async () => {
    const signer = await newSigner()
    const nameOf = (clientId: string) => deviceKey({ url: 'https://a.example', clientId, signer }).name
    expect(nameOf('ws_ridge/dev_1')).toBe(nameOf('ws_ridge/dev_1'))
    expect(nameOf('ws_ridge/dev_1')).not.toBe(nameOf('ws_valley/dev_1'))
    expect(nameOf('ws_ridge/dev_1')).toMatch(/^[0-9a-f]{8}$/)
  })
})

describe('a token', () => {
  it('[ENG-73] is fetched with the first call, once for all that wait for it', async () => {
    const { server, call } = await keyDevice()
    expect(server.requests).toEqual([])
    await Promise.all(Array.from({ length: 6 }, call))
    expect(server.count(TOKEN)).toBe(2)
    const tokens = new Set(server.requests.map(({ headers }) => headers.authorization))
    expect(tokens.size).toBe(2)
  })

  it('[ENG-21, ENG-73] goes on being fetched while any call waits for it, and is requested again after all were aborted', async () => {
    const { server, client, call } = await keyDevice()
    const [one, other] = [new AbortController(), new AbortController()]
    const aborted = (abort: AbortController) =>
      errorOf(client.api.health.query(undefined, { signal: abort.signal }))
    server.before = () => {
      one.abort()
      return undefined
    }
    const [error, answer] = await Promise.all([aborted(one), call()])
    expect([error, answer]).toMatchObject([{ kind: 'aborted' }, 'done'])
    expect(server.count(TOKEN)).toBe(2)
    server.expireTokens()
    server.before = ({ path }) => {
      if (path === TOKEN) other.abort()
      return undefined
    }
    expect(await aborted(other)).toMatchObject({ kind: 'aborted' })
    expect(await call()).toBe('done')
    expect(server.count(TOKEN)).toBe(4)
  })

  it('[ENG-21, ENG-73] is fetched for a call that comes right after the last one was aborted', async () => {
    const { credentials, server } = await keyDevice()
    const request = { method: 'GET', url: `${server.url}/trpc/health`, body: undefined }
    const abort = new AbortController()
    const first = errorOf(Promise.resolve(credentials.headers({ ...request, signal: abort.signal })))
    abort.abort()
    expect(await credentials.headers(request)).toHaveProperty('dpop')
    expect(await first).toMatchObject({ kind: 'aborted' })
  })

  it('[ENG-21, ENG-73] is not fetched for a call that is aborted already', async () => {
    const { credentials, server } = await keyDevice()
    const signal = AbortSignal.abort()
    const request = { method: 'GET', url: `${server.url}/trpc/health`, body: undefined, signal }
    await expect(credentials.headers(request)).rejects.toMatchObject({ kind: 'aborted' })
    expect(server.requests).toEqual([])
  })

  it('[ENG-73] has the scope that the program names', async () => {
    for (const scope of [undefined, 'sync read admin']) {
      const { server, call } = await keyDevice({ scope })
      await call()
      const form = new URLSearchParams(server.requests[1]?.body)
      expect(form.get('scope')).toBe(scope ?? 'sync read')
    }
  })

  it('[ENG-73] is fetched ahead from 80 % of its life on, while calls go on with the last one', async () => {
    const { server, call, advance } = await keyDevice()
    await call()
    advance(TOKEN_MS * 0.8 - 1)
    await call()
    expect(server.count(TOKEN)).toBe(2)
    advance(1)
    const first = server.requests.at(-1)?.headers.authorization
    await call()
    await expect.poll(() => server.count(TOKEN)).toBe(3)
    const withFirst = server.requests.findLast(({ path }) => path === '/trpc/health')
    expect(withFirst?.headers.authorization).toBe(first)
    await expect
      .poll(async () => {
        await call()
        return server.requests.at(-1)?.headers.authorization
      })
      .not.toBe(first)
    expect(server.count(TOKEN)).toBe(3)
  })

  it('[ENG-73] has aged by the time that its answer took', async () => {
    const takes = [TOKEN_MS * 0.9]
    const device = await keyDevice({
      fetch: async (url, init) => {
        const response = await fetch(url, init)
        if (url.endsWith(TOKEN) && response.ok) device.advance(takes.shift() ?? 0)
        return response
      },
    })
    await device.call()
    await device.call()
    await expect.poll(() => device.server.count(TOKEN)).toBe(3)
  })

  it('[ENG-73] goes on until it has expired where the next one cannot be fetched', async () => {
    const { server, call, advance } = await keyDevice()
    await call()
    server.before = ({ path }) => (path === TOKEN ? 'lost' : undefined)
    advance(TOKEN_MS * 0.9)
    expect(await call()).toBe('done')
    await expect.poll(() => server.count(TOKEN)).toBe(3)
    advance(TOKEN_MS * 0.1)
    expect(await errorOf(call())).toMatchObject({ name: 'NetworkError', kind: 'unreachable' })
    server.before = () => undefined
    expect(await call()).toBe('done')
  })

  it('[ENG-73] that the server refuses before its time is replaced', async () => {
    const { server, call } = await keyDevice()
    await call()
    server.expireTokens()
    expect(await Promise.all([call(), call(), call()])).toEqual(['done', 'done', 'done'])
    expect(server.count(TOKEN)).toBe(3)
  })

  it('[ENG-73] whose answer was lost is simply fetched again', async () => {
    const { server, call } = await keyDevice()
    let losses = 2
    server.before = ({ path }) => (path === TOKEN && losses-- > 0 ? 'lost' : undefined)
    for (let i = 0; i < 2; i++) expect(await errorOf(call())).toMatchObject({ kind: 'unreachable' })
    expect(await call()).toBe('done')
  })

  it('[ENG-73] is not used after the clock was set back', async () => {
    const { server, call, clock } = await keyDevice()
    await call()
    clock.advance(-DAY)
    await call()
    // A clock that is a day behind now is corrected on the way.
    expect(server.count(TOKEN)).toBe(4)
  })

  it.each([
    ['fast', -DAY],
    ['slow', DAY],
  ])('[ENG-74] is given to a device whose clock is a day %s, from the server’s time', async (_, behindMs) => {
    const { server, call, advance } = await keyDevice({ behindMs })
    expect(await call()).toBe('done')
    // Without a nonce, with a wrong time, and with both right.
    expect(server.count(TOKEN)).toBe(3)
    advance(TOKEN_MS)
    expect(await call()).toBe('done')
    expect(server.count(TOKEN)).toBe(5)
    // Its nonce has ended as well by then, and its clock is not corrected again.
    expect(server.requests.map(({ proof }) => proof.iat).slice(-3)).toEqual(
      Array.from({ length: 3 }, () => Math.floor(server.now / 1000)),
    )
  })

  it('[ENG-73] of each tab is its own, with one key', async () => {
    const one = await keyDevice()
    const { clock, signer, server } = one
    const other = deviceKey({ url: server.url, clientId: 'ws_ridge/dev_scout_1', signer, clock })
    const request = { method: 'GET', url: `${server.url}/trpc/health`, body: undefined }
    const [, headers] = await Promise.all([one.call(), other.headers(request)])
    const answer = await fetch(request.url, { headers })
    expect(answer.status).toBe(200)
    expect(await one.call()).toBe('done')
  })
})
