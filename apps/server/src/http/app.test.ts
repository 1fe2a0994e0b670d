import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { ErrorEnvelope } from '@fieldsync/contracts'
import { openDatabase } from '@fieldsync/db'
import { Runtime, systemClock } from '@fieldsync/services'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createApp } from './app.ts'
import { createRateLimiter, ownRates } from './rate-limiter.ts'

// Nothing listens on port 1: an unavailable database.
const db = openDatabase({ url: 'postgresql://app:canary@127.0.0.1:1/fieldsync' })
const app = createApp({
  runtime: new Runtime({ db, pepper: Buffer.alloc(32) }),
  clock: systemClock,
  rateLimiter: createRateLimiter(ownRates(undefined)),
  logger: pino({ level: 'silent' }),
  version: '1.2.3',
  trustProxy: undefined,
})
const server = createServer(app)
let url: string

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.close()
  server.closeAllConnections()
  await db.close()
})

describe('the application', () => {
  it('[RUN-9] [ERR-19] answers 503 with Retry-After while the database is away, health too', async () => {
    for (const [path, init] of [
      ['/v1/health', {}],
      ['/v1/observations', { headers: { 'x-device-token': 'some-token-or-other' } }],
    ] as const) {
      const response = await fetch(`${url}${path}`, init)
      expect(response.status).toBe(503)
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      const text = await response.text()
      expect(ErrorEnvelope.parse(JSON.parse(text)).error.code).toBe('UNAVAILABLE')
      expect(text).not.toMatch(/canary|127\.0\.0\.1|ECONNREFUSED/)
    }
  })

  it('[OPS-3] serves a reference page that loads everything from here, and may load nothing else', async () => {
    const page = await fetch(`${url}/docs`)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    const html = await page.text()
    expect(html).not.toMatch(/https?:\/\/|<script>|style=/)
    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(links.length).toBeGreaterThanOrEqual(5)
    for (const link of links) {
      const asset = await fetch(`${url}${link}`)
      expect([link, asset.status]).toEqual([link, 200])
      expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(100)
    }
  })

  it('sends assets compressed, and not again to a client that has them', async () => {
    const first = await fetch(`${url}/docs/swagger-ui.css`)
    expect(first.headers.get('content-encoding')).toBe('gzip')
    const etag = first.headers.get('etag') ?? ''
    const again = await fetch(`${url}/docs/swagger-ui.css`, { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(304)
    const plain = await fetch(`${url}/docs/swagger-ui.css`, { headers: { 'accept-encoding': 'identity' } })
    expect(await plain.text()).toBe(await first.text())
  })

  it('lets a browser run nothing that the API answers', async () => {
    const response = await fetch(`${url}/v1/openapi.json`)
    const policy = response.headers.get('content-security-policy')?.split(';')
    expect(policy).toEqual(expect.arrayContaining(["default-src 'none'", "frame-ancestors 'none'"]))
    expect(response.headers.get('x-frame-options')).toBe('DENY')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.has('x-powered-by')).toBe(false)
    expect(response.headers.has('strict-transport-security')).toBe(false)
  })

  it.each(['/nowhere', '/docs/../main.ts', '/docs/package.json', '/%ff'])(
    '[ERR-1] answers %s with an envelope',
    async (path) => {
      const response = await fetch(`${url}${path}`)
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
      ErrorEnvelope.parse(await response.json())
    },
  )

  it('shows a page at the root that says where to go', async () => {
    const html = await (await fetch(url)).text()
    expect(html).toContain('href="/docs"')
    expect(html).toContain('1.2.3')
  })
})
