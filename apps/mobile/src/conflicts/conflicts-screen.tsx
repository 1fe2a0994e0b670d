import type { FieldsyncClient } from '@fieldsync/client'
import { space } from '@fieldsync/design'
import type { LocalConflict } from '@fieldsync/sync-engine'
import { useCallback, useState } from 'react'
import { View } from 'react-native'

import { CardLink } from '../components/place-link.tsx'
import { RecordStatusBadge } from '../components/record-status-badge.tsx'
import { useStored } from '../data/use-stored.ts'
import { useTexts } from '../messages/messages-context.ts'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loading } from '../ui/loading.tsx'
import { Text } from '../ui/text.tsx'
import { conflictText } from './conflict-text.ts'

const PAGE = 50

/** Everything that waits for this person's decision. */
export function ConflictsScreen() {
  const { t } = useTexts()
  const [most, setMost] = useState(PAGE)
  const read = useCallback((client: FieldsyncClient) => client.conflicts({ limit: most + 1 }), [most])
  const conflicts = useStored(read)
  if (conflicts === undefined) return <Loading label={t('app.loading')} />
  if (conflicts.length === 0) {
    return <Empty icon="check" title={t('conflicts.empty.title')} text={t('conflicts.empty.text')} />
  }
  const now = Date.now()
  return (
    <View style={{ gap: space.m }}>
      <Text soft>{t('conflicts.intro')}</Text>
      {conflicts.slice(0, most).map((conflict) => (
        <ConflictRow key={conflict.id} conflict={conflict} now={now} />
      ))}
      {conflicts.length > most && (
        <Button wide label={t('conflicts.more')} onPress={() => setMost(most + PAGE)} />
      )}
    </View>
  )
}

function ConflictRow({ conflict, now }: { readonly conflict: LocalConflict; readonly now: number }) {
  const { t, formats } = useTexts()
  return (
    <CardLink to={{ screen: 'conflict', id: conflict.id }}>
      <RecordStatusBadge status={conflict.kind === 'quarantine' ? 'quarantined' : 'conflict'} />
      <Text as="bodyStrong" lines={2}>
        {nameOf(conflict)}
      </Text>
      <Text>{conflictText(t, conflict)}</Text>
      <Text as="note" soft>
        {`${t(`entity.${conflict.type}`)} · ${t('conflicts.foundAt', { time: formats.briefMoment(conflict.foundAt, now) })}`}
      </Text>
    </CardLink>
  )
}

/** By what a person knows it. */
function nameOf({ losing }: LocalConflict): string {
  if ('rawNoteText' in losing) return losing.rawNoteText
  return 'patchId' in losing ? losing.reason : losing.action
}
