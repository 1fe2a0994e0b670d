import type { FieldsyncClient } from '@fieldsync/client'
import type { Observation } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { noRecommendationText } from '@fieldsync/messages'
import { useCallback, useState } from 'react'
import { View } from 'react-native'

import { type NoRecommendation, recommendFor } from '../data/recommend-for.ts'
import { useRecommendationParts, useRecommendations } from '../data/recommendations-context.ts'
import { useRights } from '../data/rights.ts'
import { useSettings } from '../data/settings-context.ts'
import { useStored } from '../data/use-stored.ts'
import { knownZone } from '../data/workspace-zone.ts'
import { useTexts } from '../messages/messages-context.ts'
import type { Say } from '../messages/messages.ts'
import { Button } from '../ui/button.tsx'
import { Heading } from '../ui/heading.tsx'
import { Notice } from '../ui/notice.tsx'
import { RecommendationRow } from './recommendation-row.tsx'

/** What is recommended for a note, or why nothing is. */
export function NoteRecommendation({ note }: { readonly note: Observation }) {
  const { t } = useTexts()
  const set = useRecommendations()
  if (set === undefined) return null
  const current = set.currentOf(note.observationId)
  const now = Date.now()
  return (
    <View style={{ gap: space.m }}>
      <Heading level={2}>{t('recommendation.title')}</Heading>
      {current.length === 0 && <WhyNone note={note} />}
      {current.map((entry) => (
        <RecommendationRow key={entry.id} entry={entry} block={undefined} isReplaced={false} now={now} />
      ))}
    </View>
  )
}

const playbooksOf = async (client: FieldsyncClient) =>
  (await client.records('playbook')).flatMap(({ server }) => server ?? [])

function WhyNone({ note }: { readonly note: Observation }) {
  const { t } = useTexts()
  const { recommender } = useRecommendationParts()
  const { timeZone } = useSettings().settings
  const rights = useRights()
  const [isComputing, setComputing] = useState(false)
  const playbooks = useStored(useCallback(playbooksOf, []))
  if (playbooks === undefined) return null
  const facts = { note, playbooks, weather: null, timeZone: knownZone(timeZone), now: Date.now() }
  const computed = recommendFor(facts)
  if (!computed.ok) {
    return <Notice tone="calm" icon="leaf" text={whyText(t, computed.reason)} />
  }
  return (
    <>
      <Notice tone="calm" icon="leaf" text={t('noRecommendation.missing')} />
      {rights.mayChangeNoteOf(note.deviceId) && (
        <Button
          wide
          label={t('noRecommendation.compute')}
          disabled={isComputing}
          onPress={() => {
            setComputing(true)
            void recommender.forNote(note.observationId).finally(() => setComputing(false))
          }}
        />
      )}
    </>
  )
}

/** Why there is none: what the device lacks, or what the engine says. */
const whyText = (t: Say, reason: NoRecommendation): string =>
  reason === 'other_issue' || reason === 'no_playbook'
    ? t(`noRecommendation.${reason}`)
    : noRecommendationText(t, reason)
