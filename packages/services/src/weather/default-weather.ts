import { type Location, WeatherFeatures, type WorkspaceId } from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'

import { readSettings } from '../workspaces/stored-settings.ts'
import { cellOf } from './weather-cell.ts'

/** The made-up profile that every workspace begins with (RUN-6). */
const DEMO_PROFILE = 'wxf_20260211_demo_01'

/** Live weather counts for this long, before and after the time that it is of, in milliseconds. */
export const LIVE_WEATHER_MS = 12 * 3_600_000

// Of several of one time the greatest id, so that every server takes the same.
const NEWEST = `SELECT document FROM weather_features
  WHERE workspace_id = $1 AND cell_lat = $2 AND cell_lon = $3 AND profile_at BETWEEN $4 AND $5
  ORDER BY profile_at DESC, weather_features_id COLLATE "C" DESC LIMIT 1`
const BY_ID = 'SELECT document FROM weather_features WHERE workspace_id = $1 AND weather_features_id = $2'

/**
 * The weather that a recommendation rests on where none is named (WTH-1): by the workspace's setting the made-up profile, or the
 * newest stored live weather of the note's cell within 12 hours of the note. It asks no weather service.
 *
 * @param note where and when it was observed
 * @returns undefined for none; the recommendation then has `NO_WEATHER`
 */
export async function defaultWeather(
  connection: Queryable,
  workspaceId: WorkspaceId,
  note: { readonly location: Pick<Location, 'lat' | 'lon'>; readonly observedAt: Date },
): Promise<WeatherFeatures | undefined> {
  const { weather } = await readSettings(connection, workspaceId)
  if (weather === 'off') return undefined
  if (weather === 'demo') return await demoWeather(connection, workspaceId)
  const at = note.observedAt.getTime()
  const cell = cellOf(note.location)
  const [from, until] = [new Date(at - LIVE_WEATHER_MS), new Date(at + LIVE_WEATHER_MS)]
  return await readOne(connection, NEWEST, [workspaceId, cell.lat, cell.lon, from, until])
}

/** The made-up profile of a workspace. */
export const demoWeather = (
  connection: Queryable,
  workspaceId: WorkspaceId,
): Promise<WeatherFeatures | undefined> => readOne(connection, BY_ID, [workspaceId, DEMO_PROFILE])

async function readOne(
  connection: Queryable,
  statement: string,
  values: readonly unknown[],
): Promise<WeatherFeatures | undefined> {
  const { rows } = await connection.query<{ document: unknown }>(statement, [...values])
  return rows[0] && WeatherFeatures.parse(rows[0].document)
}
