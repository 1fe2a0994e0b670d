import { NO_WEATHER } from '@fieldsync/agronomy'
import type { Recommendation } from '@fieldsync/contracts'

import { ageOf, type StoredWeather } from '../data/stored-weather.ts'
import { durationText } from '../messages/duration-text.ts'
import type { Say } from '../messages/messages.ts'

/** Under this, live weather is as good as new. */
const NEW_MS = 5 * 60_000

/** The weather that a recommendation was computed with, and how old it was then and is by now (APP-102). */
export function weatherTexts(
  t: Say,
  {
    weatherFeaturesId,
    generatedAt,
    status,
  }: Pick<Recommendation, 'weatherFeaturesId' | 'generatedAt' | 'status'>,
  weather: Pick<StoredWeather, 'features' | 'fetchedAt'> | null,
  now: number,
): string[] {
  if (weatherFeaturesId === NO_WEATHER.weatherFeaturesId) return [t('recommendation.weather.none')]
  if (weather === null) return [t('recommendation.weather.unknown', { id: weatherFeaturesId })]
  if (weather.features.sourceMode === 'demo') return [t('recommendation.weather.demo')]
  const age = ageOf(weather, Date.parse(generatedAt))
  const text =
    age < NEW_MS
      ? t('recommendation.weather.fresh')
      : t('recommendation.weather.live', { age: durationText(t, age) })
  if (status !== 'pending_confirmation') return [text]
  return [text, t('recommendation.weather.now', { age: durationText(t, ageOf(weather, now)) })]
}
