import { NO_WEATHER } from '@fieldsync/agronomy'
import { WeatherFeaturesId } from '@fieldsync/contracts'
import { useEffect, useState } from 'react'

import { useClient } from '../data/client-context.ts'
import { useRecommendationParts } from '../data/recommendations-context.ts'
import type { StoredWeather } from '../data/stored-weather.ts'

type Weather = Pick<StoredWeather, 'features' | 'fetchedAt'>

/**
 * The weather of a set of features: from the device, else, where there is a network, from the server, as of a recommendation
 * that was computed elsewhere. Null while it is not known.
 */
export function useWeatherOf(weatherFeaturesId: string): Weather | null {
  const client = useClient()
  const { weather } = useRecommendationParts()
  const [found, setFound] = useState<Weather | null>(null)
  useEffect(() => {
    let isCurrent = true
    const find = async () => {
      const stored = await weather.byId(weatherFeaturesId)
      if (stored !== null || weatherFeaturesId === NO_WEATHER.weatherFeaturesId) return stored
      const id = WeatherFeaturesId.parse(weatherFeaturesId)
      const features = await client.api.weather.get.query({ weatherFeaturesId: id })
      return { features, fetchedAt: Date.parse(features.profileTime) }
    }
    // Without it the screen says which it was.
    find().then(
      (each) => isCurrent && setFound(each),
      () => undefined,
    )
    return () => {
      isCurrent = false
    }
  }, [client, weather, weatherFeaturesId])
  return found?.features.weatherFeaturesId === weatherFeaturesId ? found : null
}
