import type { Recommendation } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { View } from 'react-native'

import { useSettings } from '../data/settings-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Text } from '../ui/text.tsx'
import { causeOf, whatChanged } from './what-changed.ts'

type Props = { readonly before: Recommendation; readonly after: Recommendation }

/** What a successor says otherwise than the one that it has replaced, and what made it (APP-103). */
export function WhatChanged({ before, after }: Props) {
  const texts = useTexts()
  const { t, formats } = texts
  const { timeZone } = useSettings().settings
  const [was, is] = [before.playbookVersion, after.playbookVersion].map(formats.number)
  const cause = causeOf(before, after)
  return (
    <Card>
      <Heading level={2}>{t('recommendation.changed')}</Heading>
      <Text>
        {cause === 'playbook'
          ? t('recommendation.changed.playbook', { before: was ?? '', after: is ?? '' })
          : t(`recommendation.changed.${cause}`)}
      </Text>
      {whatChanged(texts, before, after, timeZone, Date.now()).map(({ name, changes }) => (
        <View key={name} style={{ gap: space.xs }}>
          <Heading level={3}>{name}</Heading>
          {changes.map(([old, next]) => (
            <View key={`${old} ${next}`}>
              {old !== null && <Text soft>{t('recommendation.changed.before', { text: old })}</Text>}
              {next !== null && <Text>{t('recommendation.changed.after', { text: next })}</Text>}
            </View>
          ))}
        </View>
      ))}
    </Card>
  )
}
