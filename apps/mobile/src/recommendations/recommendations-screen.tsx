import { space } from '@fieldsync/design'
import { useState } from 'react'
import { View } from 'react-native'

import { useRecommendations } from '../data/recommendations-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loading } from '../ui/loading.tsx'
import { Text } from '../ui/text.tsx'
import { RecommendationRow } from './recommendation-row.tsx'
import { FILTERS, type Filter, filtered } from './recommendations-filter.ts'
import { useBlocks } from './use-blocks.ts'

const PAGE = 50

/** All recommendations on the device: those that wait for a decision first, the window that opens first in front. */
export function RecommendationsScreen() {
  const { t } = useTexts()
  const [filter, setFilter] = useState<Filter>('open')
  const [most, setMost] = useState(PAGE)
  const set = useRecommendations()
  const now = Date.now()
  const found = set === undefined ? [] : filtered(set, filter, now)
  const shown = found.slice(0, most)
  const blocks = useBlocks(shown.map(({ observationId }) => observationId))
  if (set === undefined) return <Loading label={t('app.loading')} />
  return (
    <View style={{ gap: space.l }}>
      <Choice
        label={t('recommendations.filter')}
        hideLabel
        pick="one"
        options={FILTERS.map((value) => ({ value, label: t(`recommendations.filter.${value}`) }))}
        chosen={[filter]}
        onChange={(next) => {
          setFilter(next)
          setMost(PAGE)
        }}
      />
      <Text as="note" soft live>
        {t('recommendations.count', { count: found.length })}
      </Text>
      {shown.length === 0 && (
        <Empty
          icon="clock"
          title={t('recommendations.empty.title')}
          text={t(filter === 'open' ? 'recommendations.empty.text' : 'recommendations.empty.other')}
        />
      )}
      <View style={{ gap: space.m }}>
        {shown.map((entry) => (
          <RecommendationRow
            key={entry.id}
            entry={entry}
            block={blocks.get(entry.observationId)}
            isReplaced={set.successorOf(entry.id) !== null}
            now={now}
          />
        ))}
      </View>
      {found.length > most && (
        <Button wide label={t('recommendations.more')} onPress={() => setMost(most + PAGE)} />
      )}
    </View>
  )
}
