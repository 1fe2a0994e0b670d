import type { EntityType, RecordView } from '@fieldsync/sync-engine'
import { useState } from 'react'

import { useClient } from '../data/client-context.ts'
import { useWrite } from '../data/use-write.ts'
import { useTexts } from '../messages/messages-context.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { FailureNotice } from './form-notices.tsx'

type Props<T extends EntityType> = {
  readonly type: T
  readonly view: RecordView<T>
  /** Whether this device may send it again. */
  readonly maySend: boolean
}

/** What of a record is only on this device, since the server no longer has it, and what can be done about it. */
export function LocalOnlyNotice<T extends EntityType>({ type, view, maySend }: Props<T>) {
  const { t } = useTexts()
  const client = useClient()
  const { failure, write } = useWrite()
  const [isGivingUp, setGivingUp] = useState(false)
  const { id, localOnly, server, status, lostCorrections } = view
  const isWaiting = status === 'pending' || status === 'in_flight'
  const lost = lostCorrections > 0 && (
    <Notice tone="calm" text={t('localOnly.corrections', { count: lostCorrections })} />
  )
  if (localOnly === null) return lost
  return (
    <>
      <Notice
        tone="clash"
        text={t(server === null ? 'localOnly.record' : 'localOnly.version', { version: textOf(localOnly) })}
      />
      {lost}
      <FailureNotice failure={failure} as="detail.saveFailed" />
      {maySend && !isWaiting && (
        <Button
          wide
          icon="up"
          label={t('localOnly.resend')}
          onPress={() => void write(() => client.localOnly.resend({ type, id }))}
        />
      )}
      {isGivingUp ? (
        <Button
          wide
          kind="danger"
          label={t('localOnly.discard.sure')}
          hint={t('localOnly.discard.hint')}
          onPress={() => void write(() => client.localOnly.discard({ type, id }))}
        />
      ) : (
        <Button wide label={t('localOnly.discard')} onPress={() => setGivingUp(true)} />
      )}
    </>
  )
}

function textOf(document: object): string {
  if ('rawNoteText' in document) return String(document.rawNoteText)
  if ('action' in document) return String(document.action)
  return 'version' in document ? String(document.version) : ''
}
