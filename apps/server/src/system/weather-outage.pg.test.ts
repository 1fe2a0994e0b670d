import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createFieldsyncClient } from '@fieldsync/client'
import { deviceKey, enrollDevice } from '@fieldsync/client/device-key'
import { openSoftwareSigner } from '@fieldsync/client/signers/software'
import type { LiveWeather } from '@fieldsync/contracts'
import { memorySecrets } from '@fieldsync/testkit'
import { openMeteoBody, synopticBody } from '@fieldsync/weather/testing'
import { afterAll, expect, it } from 'vitest'

import { sharedSystem } from './testing/shared-system.ts'

const PHONES = 6
const CALL_LIMIT_MS = 3000
const TOKEN = 'canary-synoptic-token'

type Mode = 'answers' | 'hangs' | 'fails'

/** A weather service on this machine, with the calls that it got. */
async function service(body: () => unknown) {
  const state = { mode: 'answers' as Mode, calls: 0, url: '' }
  const server = createServer((_request: IncomingMessage, response: ServerResponse) => {
    state.calls += 1
    if (state.mode === 'fails') response.writeHead(503).end('{}')
    else if (state.mode === 'answers') response.end(JSON.stringify(body()))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return state
}

const openMeteo = await service(() => openMeteoBody(new Date()))
const synoptic = await service(() => synopticBody(new Date()))
const system = await sharedSystem(2, {
  WEATHER_PROVIDER: 'open-meteo,synoptic',
  WEATHER_OPEN_METEO_URL: openMeteo.url,
  WEATHER_SYNOPTIC_URL: synoptic.url,
  WEATHER_SYNOPTIC_TOKEN: TOKEN,
  WEATHER_TIMEOUT_MS: String(CALL_LIMIT_MS),
})

/** A phone with a key, each other one at the other server. */
async function phone(workspaceId: Awaited<ReturnType<typeof system.workspace>>, index: number) {
  const { url } = system.servers[index % 2] ?? system.servers[0]
  const deviceId = `dev_phone_${index}`
  const signer = await openSoftwareSigner({ owner: { url, name: deviceId }, secrets: memorySecrets() })
  const code = await system.enrollmentCode(workspaceId, deviceId)
  const device = { platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' } as const
  const { clientId } = await enrollDevice({ url, code, device, signer })
  return createFieldsyncClient({ url, credentials: deviceKey({ url, clientId, signer }) })
}

const workspaceId = await system.workspace()
const phones: Awaited<ReturnType<typeof phone>>[] = []
for (let index = 0; index < PHONES; index++) phones.push(await phone(workspaceId, index))
// Their tokens, so that a drill measures the weather alone.
await Promise.all(phones.map(({ liveWeather }) => liveWeather({ lat: 0, lon: 0 })))

const figures: string[] = []
afterAll(() => void process.stdout.write(`${figures.join('\n')}\n`))

/** All phones ask for the weather of one place at the same time. */
async function drill(what: string, lat: number): Promise<LiveWeather[]> {
  const before = [openMeteo.calls, synoptic.calls] as const
  const times: number[] = []
  const found = await Promise.all(
    phones.map(async ({ liveWeather }, i) => {
      const started = performance.now()
      // Places of one cell, each another one.
      const weather = await liveWeather({ lat: lat + i * 0.005, lon: -121.7 })
      times.push(performance.now() - started)
      return weather
    }),
  )
  const [first, second] = [openMeteo.calls - before[0], synoptic.calls - before[1]]
  const sources = [
    ...new Set(found.map(({ source, provider }) => `${source} ${provider ?? ''}`.trim())),
  ].sort()
  const ms = times.sort((a, b) => a - b).map(Math.round)
  figures.push(
    `${what}: ${PHONES} phones, 2 servers; calls ${first} + ${second}; ${sources.join(', ')}; ` +
      `median ${ms[Math.floor(ms.length / 2)]} ms, longest ${ms.at(-1)} ms`,
  )
  return found
}

it('[WTH-3][WTH-4][WTH-6][WTH-7] through an outage every phone is answered, by one call for a cell', async () => {
  const calls = () => ({ openMeteo: openMeteo.calls, synoptic: synoptic.calls })
  const since = async (what: string, lat: number) => {
    const before = calls()
    const found = await drill(what, lat)
    const after = calls()
    const made = [after.openMeteo - before.openMeteo, after.synoptic - before.synoptic]
    return { made, found, ids: new Set(found.map(({ features }) => features.weatherFeaturesId)) }
  }
  const healthy = await since('both answer', 10)
  expect(healthy).toMatchObject({ made: [1, 0] })
  expect(healthy.ids.size).toBe(1)
  expect(await since('within the hour, the same cell', 10)).toMatchObject({
    made: [0, 0],
    ids: healthy.ids,
  })

  openMeteo.mode = 'hangs'
  const switched = await since('Open-Meteo hangs, a new cell', 20)
  expect(switched).toMatchObject({ made: [1, 1] })
  expect(new Set(switched.found.map(({ provider }) => provider))).toEqual(new Set(['synoptic']))

  openMeteo.mode = 'fails'
  synoptic.mode = 'fails'
  // As an hour later.
  await system.superuser.pool.query(`UPDATE weather_cells SET fetched_at = fetched_at - interval '1 hour'`)
  const stale = await since('both fail, the cell of an hour ago', 10)
  expect(
    stale.found.every(
      ({ source, features }) => source === 'cache' && features.notes.includes('stale_weather'),
    ),
  ).toBe(true)
  const none = await since('both fail, a new cell', 30)
  expect(none.found.every(({ source }) => source === 'none')).toBe(true)
  expect((await since('both fail, the same cell within the minute', 30)).made).toEqual([0, 0])

  openMeteo.mode = 'answers'
  synoptic.mode = 'answers'
  expect(
    (await since('both answer again, a new cell', 40)).found.every(({ source }) => source !== 'none'),
  ).toBe(true)
})

it('[WTH-6] neither a log nor an answer has a key or a place', () => {
  // One server may have made all the calls.
  const logs = system.servers.map((server) => server.logs()).join('\n')
  expect(logs).toContain('called a weather service')
  expect(logs).not.toContain(TOKEN)
  expect(logs).not.toMatch(/latitude|radius=|lat=\d/)
})
