import { deriveFeatures } from '@fieldsync/agronomy'
import { type WeatherFeatures, WeatherFeaturesId, type WorkspaceId } from '@fieldsync/contracts'
import { type Database, inTransaction } from '@fieldsync/db'
import { canonicalText } from '@fieldsync/domain'

import { sha256 } from '../core/json-text.ts'
import type { CellWeather, WeatherCell } from '../core/live-weather.ts'
import { centerOf } from './weather-cell.ts'

/** The note of features by an earlier hour's call, since no service has answered since (WTH-4). */
export const STALE_NOTE = 'stale_weather'

const PLACEHOLDER = WeatherFeaturesId.parse('wxf_19700101_live')
/** 64 bits of the content's hash: enough to tell the readings of one day apart. */
const HASH_CHARS = 16

const STORE = `INSERT INTO weather_features
    (workspace_id, weather_features_id, document, stored_at, cell_lat, cell_lon, profile_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`

/**
 * The features of a cell's weather. Their id is of their content, so that a reading has the same one at every server and in every
 * workspace, and a record never changes.
 */
export function liveFeatures(cell: WeatherCell, { reading, isStale }: CellWeather): WeatherFeatures {
  const { provider, profileTime, layers, temperatures } = reading
  const features = deriveFeatures({
    weatherFeaturesId: PLACEHOLDER,
    profileTime,
    location: centerOf(cell),
    layers,
    surfaceTemperatures: temperatures,
    notes: [`provider_${provider.replaceAll('-', '_')}`, ...(isStale ? [STALE_NOTE] : [])],
  })
  const day = profileTime.slice(0, 10).replaceAll('-', '')
  const hash = sha256(canonicalText(features)).slice(0, HASH_CHARS)
  return { ...features, weatherFeaturesId: WeatherFeaturesId.parse(`wxf_${day}_live_${hash}`) }
}

/** Stores features as a record of a workspace, once (WTH-5). */
export async function storeFeatures(
  db: Database,
  workspaceId: WorkspaceId,
  record: { readonly features: WeatherFeatures; readonly cell: WeatherCell; readonly at: Date },
): Promise<void> {
  const { features, cell, at } = record
  const { weatherFeaturesId, profileTime } = features
  const text = canonicalText(features)
  await inTransaction(db, (connection) =>
    connection.query(STORE, [workspaceId, weatherFeaturesId, text, at, cell.lat, cell.lon, profileTime]),
  )
}
