import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { openMeteoBody, synopticBody } from '@fieldsync/weather/testing'
import { pino } from 'pino'
import { beforeEach, expect, it, onTestFinished } from 'vitest'

import { weatherServices } from './weather-services.ts'

const AT = new Date('2026-07-11T21:40:00Z')
const TOKEN = 'canary-synoptic-token'
const KEY = 'canary-open-meteo-key'
const PLACE = { lat: 38.5, lon: -121.7 }
const LIMIT_MS = 300

type Answering = (request: IncomingMessage, response: ServerResponse) => void
const lines: string[] = []
const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
beforeEach(() => void (lines.length = 0))

async function listening(answering: Answering): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answering(request, response)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

/** Both services, the first of which answers as given. */
async function services(first: Answering) {
  const [openMeteo, synoptic] = [
    await listening(first),
    await listening((_, response) => response.end(JSON.stringify(synopticBody(AT)))),
  ]
  const port = weatherServices(
    {
      timeoutMs: LIMIT_MS,
      services: [
        { id: 'open-meteo', url: openMeteo.url, key: KEY },
        { id: 'synoptic', url: synoptic.url, token: TOKEN },
      ],
    },
    { clock: { now: () => AT }, logger },
  )
  return { openMeteo, synoptic, read: () => port.read(PLACE, AT) }
}

const whole = (): string => JSON.stringify(openMeteoBody(AT))

/** Of the one line of a failure. */
const reasonOf = (): string => {
  const failed = lines
    .map((line) => JSON.parse(line) as Record<string, string>)
    .filter(({ outcome }) => outcome === 'failed')
  expect(failed).toHaveLength(1)
  return failed[0]?.['reason'] ?? ''
}

const expectNothingSaid = (): void => {
  for (const canary of [TOKEN, KEY, '38.5', '121.7']) expect(lines.join('')).not.toContain(canary)
}

it('[WTH-6] the first service answers, and the log says that without place or key', async () => {
  const { openMeteo, synoptic, read } = await services((_, response) => response.end(whole()))
  expect(await read()).toMatchObject({ provider: 'open-meteo', profileTime: '2026-07-11T21:00:00.000Z' })
  expect([openMeteo.asked.length, synoptic.asked.length]).toEqual([1, 0])
  expect(openMeteo.asked[0]).toContain(`apikey=${KEY}`)
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ provider: 'open-meteo', outcome: 'answered', ms: expect.any(Number) }),
  ])
  expectNothingSaid()
})

it.each<[string, Answering, RegExp]>([
  ['fails', (_, response) => response.writeHead(503).end('{"error":true}'), /has the status 503/],
  [
    'refuses',
    (_, response) => response.writeHead(400).end('{"error":true,"reason":"38.5"}'),
    /has the status 400/,
  ],
  ['never answers', () => undefined, /did not answer within 300 ms/],
  [
    'begins and never ends',
    (_, response) => void response.write(whole().slice(0, 100)),
    /did not answer within 300 ms/,
  ],
  [
    'ends in the middle',
    (_, response) =>
      void response.writeHead(200, { 'content-length': 9999 }).write('{', () => response.destroy()),
    /failed: ECONNRESET/,
  ],
  ['answers half', (_, response) => response.end(whole().slice(0, 5000)), /is not JSON/],
  ['answers nonsense', (_, response) => response.end('[38.5]'), /is not as documented/],
  [
    'answers without end',
    (_, response) => response.end(' '.repeat(2 ** 20 + 1)),
    /larger than 1048576 bytes/,
  ],
  ['hangs up', (_, response) => void response.destroy(), /failed: ECONNRESET/],
])('[WTH-6] where the first service %s, the other one answers', async (_what, answering, reason) => {
  const { synoptic, read } = await services(answering)
  expect(await read()).toMatchObject({ provider: 'synoptic' })
  expect(synoptic.asked).toHaveLength(1)
  expect(reasonOf()).toMatch(reason)
  expectNothingSaid()
})

it('[WTH-6] a redirect is followed nowhere', async () => {
  const inside = await listening((_, response) => response.end(whole()))
  const { read } = await services((request, response) =>
    response.writeHead(302, { location: `${inside.url}${request.url}` }).end(),
  )
  expect(await read()).toMatchObject({ provider: 'synoptic' })
  expect(inside.asked).toEqual([])
  expect(reasonOf()).toMatch(/has the status 302/)
})

it('[WTH-6] a name that leads to this machine is not called', async () => {
  const { url, asked } = await listening((_, response) => response.end(whole()))
  const { port } = new URL(url)
  const outside = weatherServices(
    // The look-up of a name that ends so gives this machine.
    {
      timeoutMs: LIMIT_MS,
      services: [{ id: 'open-meteo', url: `http://farm.localhost:${port}`, key: undefined }],
    },
    { clock: { now: () => AT }, logger },
  )
  expect(await outside.read(PLACE, AT)).toBeUndefined()
  expect(asked).toEqual([])
})
