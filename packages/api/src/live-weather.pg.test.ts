import { LiveWeather, SCOPES_OF_ROLE } from '@fieldsync/contracts'
import { changeSettings, getSettings, WeatherCells, type WeatherPort } from '@fieldsync/services'
import { describe, expect, it, onTestFinished } from 'vitest'

import { peopleApi } from './testing/people-api.ts'
import { NOW } from './testing/real-api.ts'
import { type Call, overRest, overTrpc } from './testing/transports.ts'

const api = await peopleApi()
const ROLES = ['viewer', 'scout', 'agronomist', 'admin'] as const
const PLACE = { lat: 38.5449, lon: -121.7405 }

/** The places that a weather service of the test was asked for. */
const asked: unknown[] = []
const port: WeatherPort = {
  limitMs: 1000,
  read: (place) => {
    asked.push(place)
    return Promise.resolve({
      provider: 'open-meteo',
      profileTime: NOW.toISOString(),
      layers: [
        { altitudeM: 2, temperatureC: 20, relativeHumidityPct: 60, windSpeedKph: 8, windDirectionDeg: 310 },
      ],
      temperatures: [],
    })
  },
}

function withService(): void {
  api.runtime.weather = new WeatherCells({ db: api.runtime.db, port })
  onTestFinished(() => void (api.runtime.weather = undefined))
}

const live = (caller: Partial<Call>, input: Record<string, unknown> = PLACE, transport = overRest) =>
  transport(api.url, { operation: 'weather.live', token: undefined, input, ...caller })

async function withKey(workspaceId: string, role: (typeof ROLES)[number], scope?: string) {
  const deviceId = `dev_${role}`
  const key = await api.enroll(workspaceId, deviceId, role)
  return { proven: { key, accessToken: await api.accessToken(key, `${workspaceId}/${deviceId}`, scope) } }
}

describe('live weather', () => {
  it.each(ROLES)('[WTH-8][OPS-95] is for a %s with an access token of its own scope', async (role) => {
    withService()
    const workspaceId = await api.workspace()
    expect(SCOPES_OF_ROLE[role]).toContain('weather:live')
    const caller = await withKey(workspaceId, role, 'weather:live')
    for (const transport of [overRest, overTrpc]) {
      const outcome = await live(caller, PLACE, transport)
      expect(outcome).toMatchObject({
        ok: true,
        answer: {
          features: { sourceMode: 'live', location: { lat: 38.5, lon: -121.7 } },
          provider: 'open-meteo',
        },
      })
      const { features } = LiveWeather.parse((outcome as { answer: unknown }).answer)
      const stored = await overRest(api.url, {
        operation: 'weather.get',
        token: await api.device(workspaceId, `dev_reader_${transport === overRest}`, 'viewer'),
        input: { weatherFeaturesId: features.weatherFeaturesId },
      })
      expect(stored).toMatchObject({ ok: true, answer: features })
    }
  })

  it('[WTH-8][ACC-23] refuses a token of the API, a device token and a person, each for its reason', async () => {
    withService()
    const before = asked.length
    const workspaceId = await api.workspace()
    const ofApi = await withKey(workspaceId, 'scout')
    expect(await live(ofApi)).toMatchObject({
      ok: false,
      status: 401,
      error: { details: { reason: 'invalid' } },
    })
    const token = await api.device(workspaceId, 'dev_old', 'scout')
    const person = await api.person(workspaceId, 'agronomist')
    const cookie = [...person.browser.cookies].map((each) => each.join('=')).join('; ')
    for (const caller of [{ token }, { session: { cookie, workspaceId } }]) {
      for (const transport of [overRest, overTrpc])
        expect(await live(caller, PLACE, transport)).toMatchObject({
          ok: false,
          status: 403,
          error: {
            code: 'FORBIDDEN',
            message: expect.stringContaining('an access token of the scope weather:live'),
            details: { reason: 'scope' },
          },
        })
    }
    expect(asked).toHaveLength(before)
  })

  it('[WTH-8][SVC-3] is for a service that has the scope', async () => {
    withService()
    const workspaceId = await api.workspace()
    const service = await api.service(workspaceId, { serviceId: 'dev_svc_gate', scopes: ['weather:live'] })
    const bearer = (
      (await (await api.secretToken(service, 'weather:live')).json()) as { access_token: string }
    ).access_token
    expect(await live({ bearer })).toMatchObject({ ok: true })
    expect(
      await overRest(api.url, { operation: 'session.get', token: undefined, bearer, input: {} }),
    ).toMatchObject({
      status: 401,
    })
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['no longitude', { lat: 38.5 }, '/lon'],
    ['a latitude beyond the pole', { lat: 90.1, lon: 0 }, '/lat'],
    ['a number in words', { lat: '1e1', lon: 0 }, '/lat'],
    ['something else', { ...PLACE, provider: 'http://127.0.0.1/' }, '/provider'],
  ])('[WTH-8][SHP-5] refuses %s', async (_what, input, path) => {
    withService()
    const before = asked.length
    const caller = await withKey(await api.workspace(), 'scout', 'weather:live')
    expect(await live(caller, input)).toMatchObject({
      status: 400,
      error: { code: 'VALIDATION_ERROR', details: { issues: [{ path }] } },
    })
    expect(asked).toHaveLength(before)
  })

  it('[WTH-3][WSP-7] answers with none where the server has no weather service, or the workspace wants none', async () => {
    const workspaceId = await api.workspace()
    const caller = await withKey(workspaceId, 'scout', 'weather:live')
    const none = {
      ok: true,
      answer: { features: { sourceMode: 'none' }, source: 'none', provider: null, fetchedAt: null },
    }
    expect(await live(caller)).toMatchObject(none)
    withService()
    expect(await live(caller)).toMatchObject({
      ok: true,
      answer: { source: expect.stringMatching('live|cache') },
    })
    const ctx = await api.system(workspaceId)
    const { version } = await getSettings({ ctx, input: {} })
    await changeSettings({ ctx, input: { baseVersion: version, weather: 'off' } })
    expect(await live(caller)).toMatchObject(none)
    await changeSettings({ ctx, input: { baseVersion: version + 1, weather: 'demo' } })
    expect(await live(caller)).toMatchObject({
      answer: { source: 'demo', features: { weatherFeaturesId: 'wxf_20260211_demo_01' } },
    })
  })
})
