import { space } from '@fieldsync/design'
import { observed } from '@fieldsync/domain'
import { actionAdvice, riskFlagText } from '@fieldsync/messages'
import { View } from 'react-native'

import { LocalOnlyNotice } from '../components/local-only-notice.tsx'
import { RecordStatusBadge } from '../components/record-status-badge.tsx'
import { useRecommendations } from '../data/recommendations-context.ts'
import { useRights } from '../data/rights.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Empty } from '../ui/empty.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loading } from '../ui/loading.tsx'
import { Notice } from '../ui/notice.tsx'
import { Text } from '../ui/text.tsx'
import { DecisionBadges } from './decision-badges.tsx'
import { Decision } from './decision.tsx'
import { History } from './history.tsx'
import { Reasons } from './reasons.tsx'
import { type KnownRecommendation, useRecommendation } from './use-recommendation.ts'
import { WhatChanged } from './what-changed-card.tsx'
import { WindowView } from './window-view.tsx'
import { supersededStatus } from './words.ts'

/** One recommendation: what to do and when, why, what it was computed from, and what a person says to it. */
export function RecommendationScreen({ id }: { readonly id: string }) {
  const { t } = useTexts()
  const go = useGo()
  const known = useRecommendation(id)
  if (known === undefined) return <Loading label={t('app.loading')} />
  if (known.view !== null) return <Known {...known} view={known.view} />
  return (
    <Empty
      icon="clock"
      title={t('recommendation.gone.title')}
      text={t('recommendation.gone.text')}
      action={{
        label: t('recommendations.all'),
        onPress: () => go.replace({ screen: 'recommendations' }),
      }}
    />
  )
}

type KnownProps = KnownRecommendation & { readonly view: NonNullable<KnownRecommendation['view']> }

function Known({ view, conflict, before, note, playbook }: KnownProps) {
  const { t } = useTexts()
  const go = useGo()
  const rights = useRights()
  const successor = useRecommendations()?.successorOf(view.id) ?? null
  const { document, status } = view
  const now = Date.now()
  const isPending = document.status === 'pending_confirmation'
  const block = note === null ? undefined : observed(note, '/extraction/fieldBlock')?.trim()
  const what = [block, t(`issue.${document.issue}`), t(`severity.${document.severity}`)]
  const mayDecide = note !== null && rights.mayChangeNoteOf(note.deviceId)
  return (
    <View style={{ gap: space.l }}>
      {successor !== null && (
        <Notice
          tone="moving"
          icon="sync"
          text={t(isPending ? 'recommendation.replaced' : 'recommendation.replacedDecided')}
          action={{
            label: t('recommendation.replaced.action'),
            onPress: () => go.to({ screen: 'recommendation', id: successor }),
          }}
        />
      )}
      <EarlierDecision document={document} before={before} />
      <Card>
        <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: space.s }}>
          <DecisionBadges
            status={document.status}
            isReplaced={successor !== null}
            isPast={Date.parse(document.timingWindow.endAt) <= now}
          />
          <RecordStatusBadge status={status} />
        </View>
        <Heading level={2}>{actionAdvice(t, document.action)}</Heading>
        <Text soft>{what.filter(Boolean).join(' · ')}</Text>
        <Heading level={3}>{t('recommendation.when')}</Heading>
        <WindowView window={document.timingWindow} now={now} />
      </Card>
      {document.riskFlags.map((flag) => (
        <Notice key={flag} tone="clash" text={riskFlagText(t, flag)} />
      ))}
      <LocalOnlyNotice type="recommendation" view={view} maySend={mayDecide} />
      {conflict !== undefined && (
        <Button
          kind="primary"
          wide
          icon="conflict"
          label={t('detail.openConflict')}
          onPress={() => go.to({ screen: 'conflict', id: conflict.id })}
        />
      )}
      {isPending && successor === null && conflict === undefined && (
        <Decision recommendation={document} mayDecide={mayDecide} />
      )}
      {before !== null && <WhatChanged before={before} after={document} />}
      <Reasons document={document} playbook={playbook} />
      <History id={view.id} observationId={document.observationId} now={now} />
      {note !== null && (
        <Button
          wide
          icon="notes"
          label={t('recommendation.note')}
          onPress={() => go.to({ screen: 'observation', id: note.observationId })}
        />
      )}
    </View>
  )
}

type EarlierProps = Pick<KnownRecommendation, 'before'> & {
  readonly document: KnownProps['view']['document']
}

/** That the one before was confirmed or rejected all the same: what it says may have been done already. */
function EarlierDecision({ document, before }: EarlierProps) {
  const { t, formats } = useTexts()
  const status = before?.status ?? supersededStatus(document.timingWindow.drivers)
  const said = status === 'pending_confirmation' ? supersededStatus(document.timingWindow.drivers) : status
  if (said === undefined) return null
  const at = before?.updatedAt ?? before?.generatedAt
  const time = at === undefined ? null : formats.moment(Date.parse(at), Date.now())
  const text = t(`recommendation.earlier.${said}`)
  return <Notice tone="clash" text={time === null ? text : `${text} (${time})`} />
}
