import type { RecommendationStatus } from '@fieldsync/contracts'
import type { Tone } from '@fieldsync/design'

import { useTexts } from '../messages/messages-context.ts'
import type { IconName } from '../theme/icon-paths.ts'
import { Badge } from '../ui/badge.tsx'

type Props = {
  readonly status: RecommendationStatus
  readonly isReplaced: boolean
  readonly isPast: boolean
}

const MARKS: Readonly<Record<RecommendationStatus, { readonly tone: Tone; readonly icon: IconName }>> = {
  pending_confirmation: { tone: 'waiting', icon: 'clock' },
  confirmed: { tone: 'settled', icon: 'check' },
  rejected: { tone: 'calm', icon: 'lock' },
}

/** What has become of a recommendation. One that was replaced waits for nobody. */
export function DecisionBadges({ status, isReplaced, isPast }: Props) {
  const { t } = useTexts()
  const isPending = status === 'pending_confirmation'
  return (
    <>
      {isReplaced && <Badge tone="moving" icon="sync" label={t('recommendation.replacedMark')} />}
      {!(isReplaced && isPending) && <Badge {...MARKS[status]} label={t(`recommendationStatus.${status}`)} />}
      {isPast && isPending && !isReplaced && (
        <Badge tone="calm" icon="clock" label={t('recommendation.passedMark')} />
      )}
    </>
  )
}
