import type { Playbook, Recommendation } from '@fieldsync/contracts'

import { useTexts } from '../messages/messages-context.ts'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Pairs } from '../ui/pairs.tsx'
import { Text } from '../ui/text.tsx'
import { useWeatherOf } from './use-weather-of.ts'
import { weatherTexts } from './weather-texts.ts'
import { factTexts, reasonTexts } from './words.ts'

type Props = {
  readonly document: Recommendation
  readonly playbook: Playbook | null
}

/** Why a recommendation says what it says, and what it was computed from. */
export function Reasons({ document, playbook }: Props) {
  const weather = useWeatherOf(document.weatherFeaturesId)
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
