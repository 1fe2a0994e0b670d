import type { FieldsyncClient } from '@fieldsync/client'
import { space } from '@fieldsync/design'
import { deviceStatePlaceholders } from '@fieldsync/domain'
import { observedText } from '@fieldsync/messages'
import { useCallback } from 'react'
import { View } from 'react-native'

import { FailureNotice } from '../components/form-notices.tsx'
import { LocalOnlyNotice } from '../components/local-only-notice.tsx'
import { RecordStatusBadge } from '../components/record-status-badge.tsx'
import { useClient } from '../data/client-context.ts'
import { useRights } from '../data/rights.ts'
import { useSettings } from '../data/settings-context.ts'
import { useStored } from '../data/use-stored.ts'
import { useWrite } from '../data/use-write.ts'
import { ownZoneLabel } from '../data/workspace-zone.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { noteActions } from '../note/note-actions.ts'
import { GoneNote } from '../note/stored-note-screen.tsx'
import { NoteRecommendation } from '../recommendations/note-recommendation.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loading } from '../ui/loading.tsx'
import { Notice } from '../ui/notice.tsx'
import { Pairs } from '../ui/pairs.tsx'
import { Text } from '../ui/text.tsx'

/** One note with all that is known of it, and what may be done with it. */
export function NoteScreen({ id }: { readonly id: string }) {
  const texts = useTexts()
  const { t, language, formats } = texts
  const { timeZone } = useSettings().settings
  const go = useGo()
  const client = useClient()
  const rights = useRights()
  const { failure, write } = useWrite()
  const read = useCallback(
    async (from: FieldsyncClient) => ({
      view: await from.record('observation', id),
      conflict: (await from.conflictsOf('observation', id))[0],
    }),
    [id],
  )
  const stored = useStored(read)
  if (stored === undefined) return <Loading label={t('app.loading')} />
  const { view, conflict } = stored
  if (view === null) return <GoneNote />
  const { document, status } = view
  const { extraction, correction } = document
  const seen = observedText(texts, document)
  const actions = noteActions(document, rights)
  const now = Date.now()
  const moment = (instant: string) => formats.moment(Date.parse(instant), now)
  const zone = ownZoneLabel(language, timeZone, Date.parse(extraction.observationTime))
  const confirm = async () => {
    const confirmed = { ...document, status: 'confirmed' } as const
    await write(() => client.saveObservation(confirmed, { basedOn: document }))
  }
  return (
    <View style={{ gap: space.l }}>
      <Card>
        <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: space.s }}>
          <RecordStatusBadge status={status} />
          <Badge tone="calm" label={t(`observationStatus.${document.status}`)} />
        </View>
        <Heading level={2}>
          {extraction.fieldBlock.trim() === '' ? t('history.noBlock') : extraction.fieldBlock}
        </Heading>
        <Text>{document.rawNoteText}</Text>
        {correction !== undefined && (
          <Notice
            tone="moving"
            icon="pencil"
            text={t('detail.corrected', { time: moment(correction.correctedAt), reason: correction.reason })}
          />
        )}
        <Pairs
          pairs={[
            [t('field.issue'), seen.issue],
            [t('field.severity'), seen.severity],
            [t('field.symptoms'), seen.symptoms],
            ...(extraction.variety === undefined ? [] : [[t('field.variety'), extraction.variety] as const]),
            [t('field.leafWetness'), seen.leafWetness],
            [t('field.windEstimateKph'), seen.wind],
            ...(seen.temperature === null ? [] : [[t('field.temperatureC'), seen.temperature] as const]),
            [t('field.location'), seen.place],
            [t('field.observationTime'), moment(extraction.observationTime)],
            ...(document.updatedAt === undefined
              ? []
              : [[t('field.updatedAt'), moment(document.updatedAt)] as const]),
          ]}
        />
        {zone !== null && (
          <Text as="note" soft>
            {t('times.ownZone', { zone, workspace: timeZone })}
          </Text>
        )}
        <Text as="note" soft>
          {t('detail.by', { device: document.deviceId })}
        </Text>
        {!deviceStatePlaceholders(document) && (
          <Text as="note" soft>
            {t('marks.older')}
          </Text>
        )}
      </Card>
      <NoteRecommendation note={document} />
      <LocalOnlyNotice type="observation" view={view} maySend={rights.mayWriteNoteOf(document.deviceId)} />
      <FailureNotice failure={failure} as="detail.saveFailed" />
      {conflict !== undefined && (
        <Button
          kind="primary"
          wide
          icon="conflict"
          label={t('detail.openConflict')}
          onPress={() => go.to({ screen: 'conflict', id: conflict.id })}
        />
      )}
      {actions.length === 0 && <Notice tone="calm" icon="lock" text={t('detail.notYours')} />}
      {actions.includes('confirm') && (
        <Button
          {...(conflict === undefined ? { kind: 'primary' as const } : {})}
          wide
          icon="check"
          label={t('detail.confirm')}
          hint={t('detail.confirm.hint')}
          onPress={() => void confirm()}
        />
      )}
      {actions.includes('edit') && (
        <Button wide icon="pencil" label={t('detail.edit')} onPress={() => go.to({ screen: 'edit', id })} />
      )}
      {actions.includes('correct') && (
        <Button
          wide
          icon="pencil"
          label={t('detail.correct')}
          onPress={() => go.to({ screen: 'correct', id })}
        />
      )}
    </View>
  )
}
