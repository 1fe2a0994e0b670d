import { WeatherFeatures, type WeatherSetting, type WorkspaceId } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { testServices } from '../testing/test-workspace.ts'
import { changeSettings } from '../workspaces/change-settings.ts'
import { systemContext } from '../write/admin-context.ts'
import { defaultWeather } from './default-weather.ts'
import { cellOf } from './weather-cell.ts'

const services = await testServices()
const DAVIS = { lat: 38.5449, lon: -121.7405 }
const OBSERVED = new Date('2026-02-11T19:00:00Z')

async function workspace(weather: WeatherSetting): Promise<WorkspaceId> {
  const { workspaceId } = await services.workspace()
  const ctx = await systemContext(services.admin, workspaceId)
  if (weather !== 'live') await changeSettings({ ctx, input: { baseVersion: 0, weather } })
  return workspaceId
}

/** Live weather of a workspace as it is stored when it was fetched. */
async function store(workspaceId: WorkspaceId, name: string, at: string, place = DAVIS): Promise<void> {
  const document = WeatherFeatures.parse({
    weatherFeaturesId: `wxf_20260211_live_${name}`,
    sourceMode: 'live',
    profileTime: at,
    location: place,
    inversionPresent: false,
    humidityLayering: 'unknown',
    windShearProxy: 'unknown',
    sprayWindowScore: 1,
    diseaseRiskScore: 0,
    heatStressScore: 0,
    notes: [],
    layers: [],
  })
  const cell = cellOf(place)
  await services.owner.pool.query(
    `INSERT INTO weather_features (workspace_id, weather_features_id, document, stored_at, cell_lat, cell_lon, profile_at)
       VALUES ($1, $2, $3, now(), $4, $5, $6)`,
    [workspaceId, document.weatherFeaturesId, JSON.stringify(document), cell.lat, cell.lon, at],
  )
}

const found = async (workspaceId: WorkspaceId, location = DAVIS) =>
  (await defaultWeather(services.db.pool, workspaceId, { location, observedAt: OBSERVED }))?.weatherFeaturesId

describe('the weather of a recommendation that names none', () => {
  it('[WTH-1] is the newest live one of the cell, within twelve hours of the note', async () => {
    const live = await workspace('live')
    expect(await found(live)).toBeUndefined()
    await store(live, 'too_old', '2026-02-11T06:59:59Z')
    await store(live, 'too_new', '2026-02-12T07:00:01Z')
    await store(live, 'elsewhere', '2026-02-11T18:00:00Z', { lat: 38.5449, lon: -121.7605 })
    expect(await found(live)).toBeUndefined()
    await store(live, 'old', '2026-02-11T07:00:00Z')
    expect(await found(live)).toBe('wxf_20260211_live_old')
    await store(live, 'new', '2026-02-11T18:00:00Z')
    expect(await found(live)).toBe('wxf_20260211_live_new')
    await store(live, 'new_too', '2026-02-11T18:00:00Z')
    expect(await found(live)).toBe('wxf_20260211_live_new_too')
    expect(await found(await workspace('live'))).toBeUndefined()
  })

  it('[WTH-1] follows the setting: the made-up profile, or none', async () => {
    const demo = await workspace('demo')
    await store(demo, 'new', '2026-02-11T18:00:00Z')
    expect(await found(demo)).toBe('wxf_20260211_demo_01')
    const off = await workspace('off')
    await store(off, 'new', '2026-02-11T18:00:00Z')
    expect(await found(off)).toBeUndefined()
  })
})
