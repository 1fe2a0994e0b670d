import { setImmediate as nextTurn } from 'node:timers/promises'

import { LiveWeather, WeatherFeatures } from '@fieldsync/contracts'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import type { WeatherPort, WeatherReading } from '../core/live-weather.ts'
import { pruneExpired } from '../retention/prune.ts'
import { testServices } from '../testing/test-workspace.ts'
import { defaultWeather } from './default-weather.ts'
import { getLiveWeather } from './get-live-weather.ts'
import { WeatherCells } from './weather-cells.ts'

const services = await testServices()
const another = services.anotherServer()
const START = services.clock.now().getTime()
const HOUR = 3_600_000
const DAVIS = { lat: 38.5449, lon: -121.7405 }

/** A weather service: what it has been asked, and what it answers, undefined for nothing. */
const service = {
  asked: [] as { lat: number; lon: number }[],
  answer: (at: Date): WeatherReading | undefined | Promise<WeatherReading | undefined> => reading(at),
}
const port: WeatherPort = {
  limitMs: 500,
  read: async (place, at) => {
    service.asked.push(place)
    return await service.answer(at)
  },
}
services.runtime.weather = new WeatherCells({ db: services.db, port })
another.runtime.weather = new WeatherCells({ db: another.runtime.db, port })

const reading = (at: Date, temperatureC = 20): WeatherReading => ({
  provider: 'open-meteo',
  profileTime: new Date(Math.floor(at.getTime() / HOUR) * HOUR).toISOString(),
  layers: [
    { altitudeM: 2, temperatureC, relativeHumidityPct: 80, windSpeedKph: 5, windDirectionDeg: 300 },
    { altitudeM: 110, temperatureC: 22, relativeHumidityPct: 50, windSpeedKph: 12, windDirectionDeg: 310 },
  ],
  temperatures: [{ at: new Date(Math.floor(at.getTime() / HOUR) * HOUR).toISOString(), temperatureC }],
})

beforeEach(async () => {
  service.asked.length = 0
  service.answer = (at) => reading(at)
  services.clock.time = new Date(START)
  await services.owner.pool.query('DELETE FROM weather_cells')
})

const later = (ms: number): void => void (services.clock.time = new Date(services.clock.now().getTime() + ms))

/** Counts how often a server looks at what is stored of cells, from now on to the end of the test. */
function looksAtCells({ db }: typeof services.runtime): () => number {
  const spy = vi.spyOn(db.pool, 'query')
  onTestFinished(() => spy.mockRestore())
  // A statement is a text, or one with its values: what is typed is the first form alone.
  const isOfCells = (statement: unknown): boolean =>
    typeof statement === 'string' && statement.includes('FROM weather_cells')
  return () => spy.mock.calls.filter(([statement]) => isOfCells(statement)).length
}

async function scout(server = services) {
  const workspace = await services.workspace()
  const device = await workspace.device('dev_scout', 'scout')
  const ctx = () => ({ ...device.ctx(), runtime: server.runtime })
  const at = async (place = DAVIS) => LiveWeather.parse(await getLiveWeather({ ctx: ctx(), input: place }))
  return { workspaceId: workspace.workspaceId, at }
}

describe('live weather of a cell', () => {
  it('[WTH-3] is asked for once an hour, for all workspaces and places in it', async () => {
    const [one, other] = [await scout(), await scout()]
    const first = await one.at()
    expect(first).toMatchObject({
      source: 'live',
      provider: 'open-meteo',
      features: { sourceMode: 'live', inversionPresent: true, location: { lat: 38.5, lon: -121.7 } },
    })
    expect(service.asked).toEqual([{ lat: 38.5, lon: -121.7 }])
    later(HOUR - 1)
    expect(await other.at({ lat: 38.5399, lon: -121.6501 })).toEqual({ ...first, source: 'cache' })
    expect(service.asked).toHaveLength(1)
    later(1)
    expect(await other.at()).toMatchObject({ source: 'live' })
    await other.at({ lat: 38.5449, lon: -121.7505 })
    expect(service.asked).toEqual(
      [first, first, { features: { location: { lat: 38.5, lon: -121.8 } } }].map(
        ({ features }) => features.location,
      ),
    )
  })

  it('[WTH-5] is a record of the workspace, which a note without named weather rests on', async () => {
    const mine = await scout()
    const { features } = await mine.at()
    expect(features.weatherFeaturesId).toMatch(/^wxf_\d{8}_live_[0-9a-f]{16}$/)
    await mine.at()
    const { rows } = await services.owner.pool.query<{ document: unknown }>(
      `SELECT document FROM weather_features WHERE workspace_id = $1 AND cell_lat IS NOT NULL`,
      [mine.workspaceId],
    )
    expect(rows.map(({ document }) => WeatherFeatures.parse(document))).toEqual([features])
    const note = { location: DAVIS, observedAt: services.clock.now() }
    expect(await defaultWeather(services.db.pool, mine.workspaceId, note)).toEqual(features)
    const { workspaceId } = await scout()
    expect(await defaultWeather(services.db.pool, workspaceId, note)).toBeUndefined()
  })

  it('[WTH-3] is asked for once, however many calls and servers want it at the same time', async () => {
    const answers = Promise.withResolvers<void>()
    service.answer = async (at) => {
      await answers.promise
      return reading(at)
    }
    const looks = [services.runtime, another.runtime].map(looksAtCells)
    const here = await scout()
    const there = await scout({ ...services, runtime: another.runtime } as typeof services)
    const waiting = Promise.all([here.at(), here.at(), there.at(), there.at(), here.at()])
    // The server that came second has seen that the other one asks, and looks again.
    while (service.asked.length < 2 && Math.max(...looks.map((look) => look())) < 2) await nextTurn()
    answers.resolve()
    const found = await waiting
    expect(service.asked).toHaveLength(1)
    expect(new Set(found.map(({ features }) => features.weatherFeaturesId)).size).toBe(1)
  })

  it('[WTH-3] is asked for by another server where the one that asked has died', async () => {
    const mine = await scout()
    await services.owner.pool.query(
      `INSERT INTO weather_cells (lat, lon, used_at, lease, leased_until)
         VALUES (385, -1217, now(), 'of a dead server', clock_timestamp() + interval '300 milliseconds')`,
    )
    expect(await mine.at()).toMatchObject({ source: 'live' })
    expect(service.asked).toHaveLength(1)
  })

  it('[WTH-4] is that of the last twelve hours, with a note, where no service answers; then there is none', async () => {
    const mine = await scout()
    const fresh = await mine.at()
    service.answer = () => undefined
    later(HOUR)
    const stale = await mine.at()
    expect(stale).toMatchObject({ source: 'cache', fetchedAt: fresh.fetchedAt })
    expect(stale.features).toMatchObject({
      profileTime: fresh.features.profileTime,
      notes: expect.arrayContaining(['stale_weather']),
    })
    expect(fresh.features.notes).not.toContain('stale_weather')
    expect(stale.features.weatherFeaturesId).not.toBe(fresh.features.weatherFeaturesId)
    expect(service.asked).toHaveLength(2)
    // Nobody waits for a service that had no answer a moment ago.
    later(59_000)
    expect(await mine.at()).toEqual(stale)
    expect(service.asked).toHaveLength(2)
    later(1000)
    await mine.at()
    expect(service.asked).toHaveLength(3)
    services.clock.time = new Date(Date.parse(fresh.features.profileTime) + 12 * HOUR)
    expect(await mine.at()).toMatchObject({
      source: 'none',
      provider: null,
      features: { sourceMode: 'none' },
    })
    service.answer = (at) => reading(at)
    later(60_000)
    expect(await mine.at()).toMatchObject({ source: 'live' })
  })

  it('[WTH-9] keeps the temperatures of the hours, of whichever service, and none that are too old', async () => {
    const mine = await scout()
    for (let hour = 0; hour < 3; hour++) {
      service.answer = (at) => reading(at, 20 + hour)
      await mine.at()
      later(hour === 1 ? 12 * 24 * HOUR : HOUR)
    }
    const { rows } = await services.owner.pool.query<{ temperatures: [number, number][] }>(
      'SELECT temperatures FROM weather_cells',
    )
    const last = Math.floor((START + HOUR + 12 * 24 * HOUR) / HOUR)
    // The first hour is more than twelve days ago, the second exactly that.
    expect(rows.map(({ temperatures }) => temperatures)).toEqual([
      [
        [last - 12 * 24, 21],
        [last, 22],
      ],
    ])
    later(13 * 24 * HOUR)
    await pruneExpired({ db: services.db, clock: services.clock })
    expect((await services.owner.pool.query('SELECT FROM weather_cells')).rowCount).toBe(0)
  })

  it('[WTH-10] is looked up no more than 60 times an hour for one workspace, and for others all the same', async () => {
    const [one, other] = [await scout(), await scout()]
    await one.at()
    for (let i = 1; i < 60; i++) await one.at({ lat: 10, lon: i })
    expect(await one.at({ lat: 10, lon: 60 })).toMatchObject({ source: 'none' })
    expect(await one.at()).toMatchObject({ source: 'cache' })
    expect(service.asked).toHaveLength(60)
    expect(await other.at({ lat: 10, lon: 60 })).toMatchObject({ source: 'live' })
    later(HOUR)
    expect(await one.at({ lat: 10, lon: 61 })).toMatchObject({ source: 'live' })
  })
})
