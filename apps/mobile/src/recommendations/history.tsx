import { space } from '@fieldsync/design'
import { View } from 'react-native'

import { useRecommendations } from '../data/recommendations-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import { Heading } from '../ui/heading.tsx'
import { RecommendationRow } from './recommendation-row.tsx'

type Props = { readonly id: string; readonly observationId: string; readonly now: number }

/** As many as a person looks back; a chain grows with every change of the playbook. */
const MOST = 10

/** The other recommendations of the same note, the newest first; nothing where it is the only one. */
export function History({ id, observationId, now }: Props) {
  const { t, formats } = useTexts()
  const set = useRecommendations()
  const others = (set?.ofNote(observationId) ?? []).filter((entry) => entry.id !== id).slice(0, MOST)
  if (set === undefined || others.length === 0) return null
  return (
    <View style={{ gap: space.m }}>
      <Heading level={2}>{t('recommendation.history')}</Heading>
      {others.map((entry) => (
        <RecommendationRow
          key={entry.id}
          entry={entry}
          block={t('recommendation.ofVersion', { version: formats.number(entry.playbookVersion) })}
          isReplaced={set.successorOf(entry.id) !== null}
          now={now}
        />
      ))}
    </View>
  )
}
