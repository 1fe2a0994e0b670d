import { NO_WEATHER } from '@fieldsync/agronomy'
import type { LiveWeather, LiveWeatherInput } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import { verb } from '../core/verb.ts'
import { readSettings } from '../workspaces/stored-settings.ts'
import { demoWeather } from './default-weather.ts'
import { liveFeatures, storeFeatures } from './live-features.ts'
import { cellOf } from './weather-cell.ts'

const NONE: LiveWeather = { features: NO_WEATHER, source: 'none', provider: null, fetchedAt: null }

/**
 * The weather of a place now, by the workspace's setting: from a weather service or what one said within the hour, else of the
 * last 12 hours, else none; or the made-up profile (WTH-3, WTH-4). What it answers is a record of the workspace, so that a
 * recommendation may name it. Nothing of anybody changes, so there is no audit entry.
 */
export const getLiveWeather = verb(
  'read',
  async ({ ctx, input }: { ctx: ServiceContext; input: LiveWeatherInput }): Promise<LiveWeather> => {
    const { runtime, clock, actor } = ctx
    const { workspaceId } = actor
    const { weather } = await readSettings(runtime.db.pool, workspaceId)
    if (weather === 'demo') {
      const features = await demoWeather(runtime.db.pool, workspaceId)
      return features ? { features, source: 'demo', provider: null, fetchedAt: null } : NONE
    }
    if (weather === 'off' || runtime.weather === undefined) return NONE
    const cell = cellOf(input)
    const found = await runtime.weather.of(cell, { clock, workspaceId })
    if (found === undefined) return NONE
    const features = liveFeatures(cell, found)
    await storeFeatures(runtime.db, workspaceId, { features, cell, at: clock.now() })
    return {
      features,
      source: found.isNew ? 'live' : 'cache',
      provider: found.reading.provider,
      fetchedAt: found.fetchedAt.toISOString(),
    }
  },
)
