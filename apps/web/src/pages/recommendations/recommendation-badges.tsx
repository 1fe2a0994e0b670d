import type { ListedRecommendation, Recommendation } from '@fieldsync/contracts'

import { Badge } from '../../components/badge.tsx'
import { useMessages } from '../../messages/messages.tsx'

const TONES = { pending_confirmation: 'waiting', confirmed: 'settled', rejected: 'calm' } as const

type Props = { readonly recommendation: Recommendation & Pick<ListedRecommendation, 'replacedBy'> }

/** How far it is: replaced, decided, or open; of an open one also that its time is over. */
export function RecommendationStatus({ recommendation: { replacedBy, status, timingWindow } }: Props) {
  const { t } = useMessages()
  const isOver = Date.parse(timingWindow.endAt) <= Date.now()
  return (
    <>
      <Badge tone={TONES[status]}>{t(`recommendationStatus.${status}`)}</Badge>
      {replacedBy === undefined ? null : <Badge tone="calm">{t('recommendations.replaced')}</Badge>}
      {status === 'pending_confirmation' && replacedBy === undefined && isOver ? (
        <Badge tone="calm">{t('recommendations.over')}</Badge>
      ) : null}
    </>
  )
}

/** What has to be known before acting on it, in a word each. */
export function FlagBadges({ flags }: { readonly flags: Recommendation['riskFlags'] }) {
  const { t } = useMessages()
  return flags.map((flag) => (
    <Badge key={flag} tone={flag === 'high_drift_risk' ? 'clash' : 'waiting'}>
      {t(`recommendation.flags.short.${flag}`)}
    </Badge>
  ))
}
