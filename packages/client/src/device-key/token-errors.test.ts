import { memorySecrets } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { FieldsyncError } from '../errors/fieldsync-error.ts'
import { NetworkError } from '../errors/network-error.ts'
import { openSoftwareSigner } from '../signers/software-signer.ts'
import { keyDevice } from '../testing/key-device.ts'
import type { Reason } from '../testing/key-server.ts'
import { deviceKey } from './device-key.ts'
import { fingerprintOf } from './device-keys.ts'

const TOKEN = '/oauth/token'
const HEALTH = '/trpc/health'

/** The error that a call rejects with. */
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => new Error('it did not reject'),
    (error: unknown) => error,
  )

describe('a device to which the server gives no token', () => {
  it.each<[Reason, string]>([
    ['invalid', 'authenticate'],
    ['unconfirmed', 'wait'],
    ['revoked', 're_enrol'],
    ['wipe', 'wipe'],
  ])('[ENG-74] leaves it to a person, with reason and action: %s', async (reason, action) => {
    for (const path of [TOKEN, HEALTH]) {
      const { server, call, credentials } = await keyDevice()
      server.before = (request) => (request.path === path ? reason : undefined)
      const error = await errorOf(call())
      expect(error).toBeInstanceOf(FieldsyncError)
      expect(error).toMatchObject({ code: 'AUTH_REQUIRED', status: 401, details: { reason, action } })
      expect(error).toMatchObject({
        message: `It is ${reason}.`,
        retryable: false,
        sentCode: 'AUTH_REQUIRED',
      })
      expect(server.count(path)).toBe(1)
      expect(await credentials.renew(action)).toBe(false)
    }
  })

  it.each(['nonce', 'replayed', 'clock_skew'] as const)(
    '[ENG-74] tries what it can do itself once: %s',
    async (reason) => {
      const { server, call } = await keyDevice()
      server.before = ({ path }) => (path === TOKEN ? reason : undefined)
      expect(await errorOf(call())).toMatchObject({ code: 'AUTH_REQUIRED', details: { reason } })
      expect(server.count(TOKEN)).toBe(2)
    },
  )

  it('[ENG-74] leaves to a person what an OAuth server refuses without an action', async () => {
    const { server, call } = await keyDevice()
    server.before = () => ({ status: 400, body: { error: 'invalid_scope' } })
    expect(await errorOf(call())).toMatchObject({
      message: 'invalid_scope',
      details: { reason: 'invalid_scope', action: 'authenticate' },
    })
  })

  it('[ENG-74] cannot use a nonce that the server does not give', async () => {
    const { server, call } = await keyDevice()
    server.givesNonces = false
    expect(await errorOf(call())).toMatchObject({ details: { action: 'retry_with_nonce' } })
    expect(server.count(TOKEN)).toBe(1)
  })

  it('[ENG-74] cannot correct its clock by a refusal that does not state the time', async () => {
    const { server, call } = await keyDevice()
    server.before = () => ({ status: 401, body: { error: 'invalid_client', action: 'sync_clock' } })
    expect(await errorOf(call())).toMatchObject({ details: { action: 'sync_clock' } })
    expect(server.count(TOKEN)).toBe(1)
  })
})

describe('a token that cannot be fetched for now', () => {
  it.each([429, 503])('[ENG-73] is not requested again before the server allows it: %d', async (status) => {
    const { server, call, advance } = await keyDevice()
    server.before = () => ({
      status,
      headers: { 'retry-after': '30' },
      body: { error: 'temporarily_unavailable' },
    })
    const busy = await errorOf(call())
    expect(busy).toBeInstanceOf(NetworkError)
    expect(busy).toMatchObject({ kind: 'busy', status, retryAfterMs: 30_000, retryable: true })
    expect(busy).toMatchObject({ message: `The server gives no token for now (${status}).` })
    server.before = () => undefined
    advance(29_000)
    expect(await errorOf(call())).toMatchObject({ kind: 'busy', status, retryAfterMs: 1000 })
    expect(server.count(TOKEN)).toBe(1)
    advance(1000)
    expect(await call()).toBe('done')
  })

  it('[ENG-73] waits for an hour at most, and not for a clock that was set back', async () => {
    for (const step of [3_600_000, -1000]) {
      const { server, call, clock } = await keyDevice()
      server.before = () => ({ status: 503, headers: { 'retry-after': '86400' }, body: '' })
      expect(await errorOf(call())).toMatchObject({ kind: 'busy', retryAfterMs: 3_600_000 })
      server.before = () => undefined
      clock.advance(step)
      expect(await call()).toBe('done')
    }
  })

  it.each([500, 502, 503])(
    '[ENG-73] is requested by the next call where the server does not say when: %d',
    async (status) => {
      const { server, call } = await keyDevice()
      server.before = () => ({ status, body: '<html>Bad gateway</html>' })
      expect(await errorOf(call())).toMatchObject({ kind: 'busy', status, retryAfterMs: undefined })
      server.before = () => undefined
      expect(await call()).toBe('done')
    },
  )

  it.each([
    ['a page', 200, '<html>Welcome to our network</html>'],
    ['a token of another kind', 200, { access_token: 'a', token_type: 'Bearer', expires_in: 600 }],
    ['no token', 200, { token_type: 'DPoP', expires_in: 600 }],
    ['a server that knows no keys', 404, { requestId: 'r', error: { code: 'NOT_FOUND' } }],
    ['an OAuth error with another status', 403, { error: 'invalid_client', action: 're_enrol' }],
  ])('[ENG-73] is not taken from %s', async (_, status, body) => {
    const { server, call } = await keyDevice()
    server.before = () => ({ status, body })
    expect(await errorOf(call())).toMatchObject({ kind: 'not_ours', status })
  })

  it('[ENG-73, ENG-54] is not requested from where the address redirects to', async () => {
    const { server, call } = await keyDevice()
    const location = 'https://other.example/ridge/oauth/token'
    server.before = () => ({ status: 308, headers: { location }, body: '' })
    expect(await errorOf(call())).toMatchObject({
      kind: 'redirected',
      address: 'https://other.example/ridge',
    })
    expect(server.requests).toHaveLength(1)
  })

  it('[ENG-73] leaves a device offline, or its server unreachable, also where it takes too long', async () => {
    const failing = () => Promise.reject(new TypeError('fetch failed'))
    const offline = { isOnline: () => false, onChange: () => () => undefined }
    const without = await keyDevice({ fetch: failing, connectivity: offline })
    expect(await errorOf(without.call())).toMatchObject({ kind: 'offline' })
    const away = await keyDevice({ fetch: failing })
    expect(await errorOf(away.call())).toMatchObject({ kind: 'unreachable' })
    const silent = await keyDevice({ fetch: () => new Promise(() => undefined), limits: { answerMs: 1 } })
    expect(await errorOf(silent.call())).toMatchObject({
      kind: 'unreachable',
      message: 'The server gave no token in time.',
    })
  })

  it('[ENG-71] where the key cannot be used is no refusal', async () => {
    const signer = {
      storage: 'platform' as const,
      publicKeyJwk: () => Promise.reject(new Error('the storage is locked')),
      sign: () => Promise.reject(new Error('the storage is locked')),
    }
    const { server } = await keyDevice()
    const credentials = deviceKey({ url: server.url, clientId: 'ws_ridge/dev_scout_1', signer })
    const request = { method: 'GET', url: `${server.url}/v1/session`, body: undefined }
    await expect(credentials.headers(request)).rejects.toThrow('the storage is locked')
  })
})

describe('[ENG-76] a device whose key another one may have taken the place of', () => {
  /** A device with both keys; the server gives the first one no token, for this reason, and the second for that. */
  async function rotating(ofFirst: Reason, ofSecond: Reason | undefined) {
    const secrets = memorySecrets()
    const owner = { url: 'https://sync.example.com', name: 'dev_scout_1' }
    const first = await openSoftwareSigner({ owner, secrets })
    const second = await first.successor()
    const { server, call } = await keyDevice({ signer: first, rotateAfterDays: 0 })
    await server.enroll({ ...(await second.publicKeyJwk()) })
    const [one, two] = [await fingerprintOf(first), await fingerprintOf(second)]
    server.before = ({ path, proof }) => {
      if (path !== TOKEN || proof['nonce'] === undefined) return undefined
      return proof['thumbprint'] === one ? ofFirst : ofSecond
    }
    const asked = () =>
      server.requests.filter(({ path }) => path === TOKEN).map(({ proof }) => proof['thumbprint'])
    return { server, call, asked, one, two, stored: async () => (await first.stored()).length }
  }

  it.each(['invalid', 'revoked'] as const)('goes on with that one where its own is %s', async (reason) => {
    const { call, asked, two, stored } = await rotating(reason, undefined)
    expect(await call()).toBe('done')
    expect(asked().at(-1)).toBe(two)
    expect(await stored()).toBe(1)
  })

  it.each(['wipe', 'unconfirmed'] as const)(
    'gets the refusal of the key that the server knows (%s), and uses that one',
    async (reason) => {
      const { server, call, asked, two, stored } = await rotating('revoked', reason)
      expect(await errorOf(call())).toMatchObject({ details: { reason } })
      const before = asked().length
      server.before = () => undefined
      expect(await call()).toBe('done')
      expect(new Set(asked().slice(before))).toEqual(new Set([two]))
      expect(await stored()).toBe(1)
    },
  )

  it('says of its own key why it is refused where the server knows neither', async () => {
    const { call, asked, one, two, stored } = await rotating('revoked', 'invalid')
    expect(await errorOf(call())).toMatchObject({ details: { reason: 'revoked', action: 're_enrol' } })
    expect(new Set(asked())).toEqual(new Set([one, two]))
    expect(await stored()).toBe(2)
  })

  it('tries no other key where its own is known', async () => {
    for (const reason of ['unconfirmed', 'wipe'] as const) {
      const { call, asked, one } = await rotating(reason, undefined)
      expect(await errorOf(call())).toMatchObject({ details: { reason } })
      expect(new Set(asked())).toEqual(new Set([one]))
    }
  })
})
