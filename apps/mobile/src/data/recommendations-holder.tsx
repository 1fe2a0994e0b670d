import type { FieldsyncClient } from '@fieldsync/client'
import { type ReactNode, useEffect, useMemo, useRef } from 'react'

import { usePlatform } from '../platform/platform-context.ts'
import type { Platform } from '../platform/platform.ts'
import type { AppSettings } from './app-settings.ts'
import { useClient } from './client-context.ts'
import { type Failures, useFailures } from './failures.ts'
import { followWeather, placeOf } from './follow-weather.ts'
import { RecommendationIndex } from './recommendation-index.ts'
import { type Recommendations, RecommendationsContext } from './recommendations-context.ts'
import { Recommender } from './recommender.ts'
import { rightsOf } from './rights.ts'
import { useSettings } from './settings-context.ts'
import { weatherKey } from './unsaved-input.ts'
import { WeatherKeeper } from './weather-keeper.ts'
import { knownZone } from './workspace-zone.ts'

const READ = Symbol('reading the recommendations')
const COMPUTED = Symbol('computing a recommendation')

/** Computes the recommendations of the client in use, and has them at hand for every screen. */
export function RecommendationsHolder({ children }: { readonly children: ReactNode }) {
  const client = useClient()
  const platform = usePlatform()
  const failures = useFailures()
  const { settings } = useSettings()
  // The parts stay while the settings change, and ask for what they need of them.
  const latest = useRef(settings)
  useEffect(() => {
    latest.current = settings
  }, [settings])
  const parts = useMemo(
    () => partsOf(client, platform, failures, () => latest.current),
    [client, platform, failures],
  )
  useEffect(() => {
    const { weather, index, recommender } = parts
    const following = followWeather({
      client,
      weather,
      isOffered: () => latest.current.weather === 'live' || latest.current.weather === 'demo',
      lastPlace: () => latest.current.lastPlace,
      onNewer: () => recommender.weatherArrived(),
    })
    const ends = [weather.open(), index.open(), recommender.open(), following]
    return () => {
      for (const end of ends) end()
      failures.report(READ, undefined)
    }
  }, [client, parts, failures])
  return <RecommendationsContext value={parts}>{children}</RecommendationsContext>
}

function partsOf(
  client: FieldsyncClient,
  platform: Platform,
  failures: Failures,
  settings: () => AppSettings,
): Recommendations {
  const weather = new WeatherKeeper({
    texts: platform.texts,
    key: () => weatherKey(settings()),
    fetch: (place) => client.liveWeather(place),
    now: () => Date.now() - client.status().clockOffset,
  })
  const index = new RecommendationIndex({
    client,
    clock: () => performance.now(),
    after: (ms, work) => {
      const timer = setTimeout(work, ms)
      return () => clearTimeout(timer)
    },
    onFailure: (error) =>
      failures.report(READ, error === null ? undefined : { error, retry: () => index.retry() }),
  })
  const recommender = new Recommender({
    client,
    index,
    deviceId: () => settings().deviceId,
    weatherFor: async (note) => (await weather.find(placeOf(note, settings().lastPlace)))?.features ?? null,
    weatherOf: async (id) => (await weather.byId(id))?.features ?? null,
    rights: () => rightsOf(settings()),
    timeZone: () => knownZone(settings().timeZone),
    now: Date.now,
    onError: (error) => failures.report(COMPUTED, { error }),
  })
  return { index, recommender, weather }
}
