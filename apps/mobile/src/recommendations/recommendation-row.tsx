import { space } from '@fieldsync/design'
import { actionAdvice } from '@fieldsync/messages'
import { View } from 'react-native'

import { CardLink } from '../components/place-link.tsx'
import { RecordStatusBadge } from '../components/record-status-badge.tsx'
import { windowText } from '../components/window-text.ts'
import type { RecommendationEntry } from '../data/recommendation-set.ts'
import { useSettings } from '../data/settings-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import { Text } from '../ui/text.tsx'
import { DecisionBadges } from './decision-badges.tsx'

type Props = {
  readonly entry: RecommendationEntry
  /** The block of its note; undefined where the note names none, or is not on the device. */
  readonly block: string | undefined
  readonly isReplaced: boolean
  readonly now: number
}

/** One recommendation in a list: what to do where, when, and what has become of it. */
export function RecommendationRow({ entry, block, isReplaced, now }: Props) {
  const texts = useTexts()
  const { t } = texts
  const { timeZone } = useSettings().settings
  const window = {
    startAt: new Date(entry.startAt).toISOString(),
    endAt: new Date(entry.endAt).toISOString(),
  }
  return (
    <CardLink to={{ screen: 'recommendation', id: entry.id }}>
      <Text as="bodyStrong" lines={3}>
        {actionAdvice(t, entry.action)}
      </Text>
      <Text>{windowText(texts, window, timeZone, now)}</Text>
      <Text as="note" soft>
        {[block, t(`issue.${entry.issue}`), t(`severity.${entry.severity}`)].filter(Boolean).join(' · ')}
      </Text>
      <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: space.s }}>
        <DecisionBadges status={entry.status} isReplaced={isReplaced} isPast={entry.endAt <= now} />
        <RecordStatusBadge status={entry.recordStatus} />
      </View>
    </CardLink>
  )
}
