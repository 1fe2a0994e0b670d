import { NO_WEATHER } from '@fieldsync/agronomy'
import type { Playbook, Recommendation } from '@fieldsync/contracts'

import { ageOf, type StoredWeather } from '../data/stored-weather.ts'
import { durationText } from '../messages/duration-text.ts'
import { useTexts } from '../messages/messages-context.ts'
import type { Say } from '../messages/messages.ts'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Pairs } from '../ui/pairs.tsx'
import { Text } from '../ui/text.tsx'
import { factTexts, reasonTexts } from './words.ts'

type Props = {
  readonly document: Recommendation
  readonly playbook: Playbook | null
  readonly weather: StoredWeather | null
}

/** Why a recommendation says what it says, and what it was computed from. */
export function Reasons({ document, playbook, weather }: Props) {
  const texts = useTexts()
  const { t, formats } = texts
  const { rationale, timingWindow, playbookVersion, generatedAt } = document
  const now = playbook?.version
  const version = formats.number(playbookVersion)
  return (
    <Card>
      <Heading level={2}>{t('recommendation.why')}</Heading>
      {reasonTexts(texts, { ...timingWindow, rationale }).map((text) => (
        <Text key={text}>{text}</Text>
      ))}
      <Heading level={3}>{t('recommendation.drivers')}</Heading>
      {[...factTexts(texts, timingWindow.drivers)].map(([name, text]) => (
        <Text key={name}>{text}</Text>
      ))}
      <Heading level={3}>{t('recommendation.weather')}</Heading>
      {weatherTexts(t, document, weather, Date.now()).map((text) => (
        <Text key={text}>{text}</Text>
      ))}
      <Pairs
        pairs={[
          [t('recommendation.confidence'), formats.percent(timingWindow.confidence)],
          [
            t('recommendation.version'),
            now === undefined || now === playbookVersion
              ? version
              : t('recommendation.versionNow', { version, now: formats.number(now) }),
          ],
          [t('recommendation.computedAt'), formats.moment(Date.parse(generatedAt), Date.now())],
        ]}
      />
    </Card>
  )
}

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
  weather: StoredWeather | null,
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
