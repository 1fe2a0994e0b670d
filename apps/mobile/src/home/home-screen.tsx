import type { FieldsyncClient } from '@fieldsync/client'
import { space } from '@fieldsync/design'
import { View } from 'react-native'

import { NewNoteButton } from '../components/new-note-button.tsx'
import { NoteRow } from '../components/note-row.tsx'
import { useSyncStatus } from '../data/client-context.ts'
import { useRights } from '../data/rights.ts'
import { useStored } from '../data/use-stored.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/empty.tsx'
import { Heading } from '../ui/heading.tsx'
import { LocalOnlyCard } from './local-only-card.tsx'
import { RecommendationsCard } from './recommendations-card.tsx'
import { StateNotices } from './state-notices.tsx'
import { SyncCard } from './sync-card.tsx'

const RECENT = 5

const newest = (client: FieldsyncClient) => client.records('observation', { reverse: true, limit: RECENT })

/** How the day stands: what waits, what needs the person, the latest notes. */
export function HomeScreen() {
  const { t } = useTexts()
  const go = useGo()
  const status = useSyncStatus()
  const mayWrite = useRights().has('observations.write')
  const views = useStored(newest)
  const now = Date.now()
  return (
    <View style={{ gap: space.l }}>
      <NewNoteButton />
      <StateNotices status={status} />
      <SyncCard status={status} now={now} />
      {status.foreign === null && <LocalOnlyCard count={status.localOnly} />}
      <RecommendationsCard now={now} />
      <Heading level={2}>{t('home.recent')}</Heading>
      {views?.length === 0 && (
        <Empty
          icon="leaf"
          title={t('home.empty.title')}
          text={t(mayWrite ? 'home.empty.text' : 'home.empty.reader')}
        />
      )}
      <View style={{ gap: space.m }}>
        {views?.map((view) => (
          <NoteRow key={view.id} view={view} now={now} />
        ))}
      </View>
      {views !== undefined && views.length > 0 && (
        <Button wide label={t('home.all')} onPress={() => go.to({ screen: 'history' })} />
      )}
    </View>
  )
}
