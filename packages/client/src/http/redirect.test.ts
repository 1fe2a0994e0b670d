import { describe, expect, it } from 'vitest'

import { deviceToken } from '../credentials/credential-provider.ts'
import type { Fetch } from '../http/fetch.ts'
import { followOnce } from '../live/live-connection.ts'
import { connectServer } from '../server-connection.ts'
import { localServer } from '../testing/local-server.ts'
import { testLink } from '../testing/test-link.ts'
import { redirectAddress } from './redirect.ts'

const TOKEN = 'token-that-must-not-leave'
const BATCH = { idempotencyKey: 'key', body: '{"note":"private"}', signal: new AbortController().signal }

/** A third-party host, and an address that redirects to it; `seen` is what that host received. */
async function redirecting(status: number, to = (stranger: string, path: string) => `${stranger}${path}`) {
  const seen: string[] = []
  const stranger = await localServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${String(request.headers['x-device-token'] ?? 'no token')}`)
    request.resume()
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}')
  })
  const url = await localServer((request, response) => {
    request.resume()
    response.writeHead(status, { location: to(stranger, request.url ?? '') }).end()
  })
  return { stranger, url, seen }
}

const connect = (url: string, fetch?: Fetch) => connectServer({ url, credentials: deviceToken(TOKEN), fetch })
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => new Error('it did not reject'),
    (error: unknown) => error,
  )

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('[ENG-54] by %i is not followed with a credential', async (status) => {
    const { stranger, url, seen } = await redirecting(status)
    const { transport, api } = connect(`${url}/`)
    const moved = { name: 'NetworkError', kind: 'redirected', address: stranger }
    expect(await errorOf(transport.syncBatch(BATCH))).toMatchObject(moved)
    expect(await errorOf(api.playbooks.list.query())).toMatchObject(moved)
    expect(await errorOf(api.observations.list.query({ limit: 5 }))).toMatchObject({
      ...moved,
      message: `This address redirects to ${stranger}; nothing was sent there.`,
    })
    expect(seen).toEqual([])
  })

  it('[LIV-12] of the live stream is not followed either, and retried rarely', async () => {
    const { url, seen } = await redirecting(307)
    const events = {
      onConnected: () => seen.push('connected'),
      onPoke: () => undefined,
      onAlive: () => undefined,
    }
    const end = await followOnce(testLink({ url }), events, new AbortController().signal)
    expect(end).toEqual({ redirected: true })
    expect(seen).toEqual([])
  })

  it('[ENG-54] on a server behind a path names what stands before the call', async () => {
    const { stranger, url } = await redirecting(308, (host, path) => `${host}/farm${path}`)
    const error = await errorOf(connect(`${url}/old`).transport.syncBatch(BATCH))
    expect(error).toMatchObject({ kind: 'redirected', address: `${stranger}/farm/old` })
  })

  it('[ENG-54] to a page to sign in names the page, without its query', async () => {
    const { url } = await redirecting(302, () => 'http://wifi.example/login?session=secret&back=here#top')
    expect(await errorOf(connect(url).transport.syncBatch(BATCH))).toMatchObject({
      kind: 'redirected',
      address: 'http://wifi.example/login',
    })
  })

  it('[ENG-54] without an address that can be read says that it redirects', async () => {
    for (const location of ['//[', 'mailto:someone@example.com', '']) {
      const { url } = await redirecting(301, () => location)
      const address = location === '' ? url : null
      expect(await errorOf(connect(url).transport.syncBatch(BATCH))).toMatchObject({
        kind: 'redirected',
        address,
      })
    }
  })
})

describe('a redirect that the platform hides, as browsers do', () => {
  /** A browser's fetch: a redirect that is not followed shows nothing; one that is followed has the last address. */
  const browserFetch =
    (asked: RequestInit[], readable = true): Fetch =>
    async (url, init) => {
      asked.push(init)
      if (init.redirect === 'follow') {
        if (!readable) throw new TypeError('Failed to fetch')
        return await fetch(url, init)
      }
      const response = await fetch(url, init)
      await response.arrayBuffer()
      // What the Fetch standard calls an opaque-redirect filtered response.
      const opaque = {
        type: 'opaqueredirect',
        status: 0,
        headers: new Headers(),
        body: null,
        redirected: false,
        url,
      }
      return opaque as unknown as Response
    }

  it('[ENG-54] is looked up by health, without a credential', async () => {
    const { stranger, url, seen } = await redirecting(301)
    const asked: RequestInit[] = []
    const error = await errorOf(connect(url, browserFetch(asked)).transport.syncBatch(BATCH))
    expect(error).toMatchObject({ kind: 'redirected', address: stranger })
    expect(seen).toEqual(['GET /v1/health no token'])
    expect(asked.map(({ redirect }) => redirect)).toEqual(['manual', 'follow'])
  })

  it('[ENG-54] and that may not be read from here is reported as one', async () => {
    const { url, seen } = await redirecting(301)
    const error = await errorOf(connect(url, browserFetch([], false)).transport.syncBatch(BATCH))
    expect(error).toMatchObject({
      kind: 'redirected',
      address: null,
      message: 'This address redirects to another one; nothing was sent there.',
    })
    expect(seen).toEqual([])
  })

  it('[ENG-54] is not trusted where a platform follows it regardless', async () => {
    const { stranger, url } = await redirecting(307)
    const follows: Fetch = (address, init) => fetch(address, { ...init, headers: {}, redirect: 'follow' })
    const error = await errorOf(connect(url, follows).api.playbooks.list.query())
    expect(error).toMatchObject({ kind: 'redirected', address: stranger })
  })
})

it('[ENG-54] names an address by what is before the path of the call', () => {
  const named = (target: string) => redirectAddress(target, '/v1/sync/batch')
  expect(named('https://new.example/v1/sync/batch')).toBe('https://new.example')
  expect(named('https://new.example:8443/a/b/v1/sync/batch?x=1')).toBe('https://new.example:8443/a/b')
  expect(named('https://user:secret@new.example/')).toBe('https://new.example')
  expect(named('javascript:alert(1)')).toBeNull()
})
