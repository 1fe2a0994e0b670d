import type { ConflictCode, Recommendation } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { useEffect, useState } from 'react'
import { View } from 'react-native'

import { FailureNotice } from '../components/form-notices.tsx'
import { useClient } from '../data/client-context.ts'
import { useWrite } from '../data/use-write.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { Text } from '../ui/text.tsx'

type Props = { readonly recommendation: Recommendation; readonly mayDecide: boolean }

/** What a person says to a recommendation that waits for it (APP-100). */
export function Decision({ recommendation, mayDecide }: Props) {
  const { t } = useTexts()
  const go = useGo()
  const client = useClient()
  const { failure, write } = useWrite()
  const likely = useLikely(recommendation, mayDecide)
  if (!mayDecide) return <Notice tone="calm" icon="lock" text={t('recommendation.notYours')} />
  const decide = async (status: 'confirmed' | 'rejected') => {
    let conflictId: string | null = null
    const leave = go.begin()
    await write(async () => {
      const outcome = await client.saveRecommendation(
        { ...recommendation, status },
        { basedOn: recommendation },
      )
      if (outcome.ok) ({ conflictId } = outcome)
      return outcome
    })
    if (conflictId !== null) leave.replace({ screen: 'conflict', id: conflictId })
  }
  return (
    <View style={{ gap: space.m }}>
      {likely !== null && (
        <Notice tone="clash" text={t('recommendation.likely', { message: t(`conflict.${likely}`) })} />
      )}
      <FailureNotice failure={failure} as="detail.saveFailed" />
      <Text as="note" soft>
        {t('recommendation.nothingApplied')}
      </Text>
      <Button
        kind="primary"
        wide
        icon="check"
        label={t('recommendation.confirm')}
        hint={t('recommendation.confirm.hint')}
        onPress={() => void decide('confirmed')}
      />
      <Button
        wide
        label={t('recommendation.reject')}
        hint={t('recommendation.reject.hint')}
        onPress={() => void decide('rejected')}
      />
    </View>
  )
}

/** The conflict that a decision would meet, by what the device knows (ENG-23); null for none. */
function useLikely(recommendation: Recommendation, mayDecide: boolean) {
  const { preview } = useClient()
  const [likely, setLikely] = useState<ConflictCode | null>(null)
  useEffect(() => {
    if (!mayDecide) return undefined
    let isCurrent = true
    const draft = { ...recommendation, status: 'confirmed' } as const
    preview.recommendation(draft, { basedOn: recommendation }).then(
      (said) => isCurrent && setLikely(said.ok ? (said.likelyConflict?.code ?? null) : null),
      // It is only a warning: the decision itself says what is wrong.
      () => undefined,
    )
    return () => {
      isCurrent = false
    }
  }, [preview, recommendation, mayDecide])
  return likely
}
