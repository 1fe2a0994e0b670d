import { space } from '@fieldsync/design'
import { View } from 'react-native'

import { useRecommendations } from '../data/recommendations-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { RecommendationRow } from '../recommendations/recommendation-row.tsx'
import { useBlocks } from '../recommendations/use-blocks.ts'
import { Button } from '../ui/button.tsx'
import { Heading } from '../ui/heading.tsx'
import { Text } from '../ui/text.tsx'

const SOONEST = 3

/** The recommendations that wait for a decision, the soonest of them; nothing on a device that has none at all. */
export function RecommendationsCard({ now }: { readonly now: number }) {
  const { t } = useTexts()
  const go = useGo()
  const set = useRecommendations()
  const open = set?.open(now) ?? []
  const shown = open.slice(0, SOONEST)
  const blocks = useBlocks(shown.map(({ observationId }) => observationId))
  if (set === undefined || set.byId.size === 0) return null
  return (
    <View style={{ gap: space.m }}>
      <Heading level={2}>{t('recommendations.title')}</Heading>
      <Text as="note" soft live>
        {open.length === 0 ? t('recommendations.none') : t('recommendations.open', { count: open.length })}
      </Text>
      {shown.map((entry) => (
        <RecommendationRow
          key={entry.id}
          entry={entry}
          block={blocks.get(entry.observationId)}
          isReplaced={false}
          now={now}
        />
      ))}
      <Button wide label={t('recommendations.all')} onPress={() => go.to({ screen: 'recommendations' })} />
    </View>
  )
}
