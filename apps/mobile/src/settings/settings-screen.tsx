import { CONTRACT_VERSION } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { useState } from 'react'
import { View } from 'react-native'

import { APP_VERSION } from '../about.ts'
import { StorageCard } from '../components/storage-risk.tsx'
import { useSyncStatus } from '../data/client-context.ts'
import {
  serverAddress,
  storeName,
  type StoreSettings,
  typedConnection,
  withConnection,
  withStore,
} from '../data/known-stores.ts'
import { useSettings } from '../data/settings-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import { LeaveStore } from '../other-stores/leave-store.tsx'
import { OtherStoresCard } from '../other-stores/other-stores-card.tsx'
import { usePlatform } from '../platform/platform-context.ts'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Notice } from '../ui/notice.tsx'
import { Text } from '../ui/text.tsx'
import { ConnectionForm } from './connection-form.tsx'
import { ExportCard } from './export-card.tsx'
import { ThemeCard } from './theme-card.tsx'

/** What a person may set on this device. */
export function SettingsScreen() {
  const { t } = useTexts()
  const { settings, change } = useSettings()
  const { defaultServer } = usePlatform()
  const { pending, conflicts, quarantined } = useSyncStatus()
  const [isSaved, setSaved] = useState(false)
  /** A connection that would leave something unsent behind. */
  const [asked, setAsked] = useState<StoreSettings>()
  const unsent = pending + conflicts + quarantined
  const addressOf = (server: string) => serverAddress(server, defaultServer)
  const take = (next: StoreSettings) => {
    change({ ...next, role: '', timeZone: '' })
    setSaved(true)
  }
  return (
    <View style={{ gap: space.l }}>
      <Card>
        <Heading level={2}>{t('settings.connection')}</Heading>
        <ConnectionForm
          connection={settings}
          action={t('settings.save')}
          onSave={(typed) => {
            const connection = typedConnection(settings, typed, addressOf)
            const next = withConnection(settings, connection, addressOf)
            const leaves = storeName(next) !== storeName(settings) && unsent > 0
            setAsked(leaves ? next : undefined)
            if (!leaves) take(next)
          }}
        />
        {asked !== undefined && (
          <LeaveStore
            unsent={unsent}
            onStay={() => setAsked(undefined)}
            onLeave={(drain) => {
              setAsked(undefined)
              take({ ...asked, ...withStore(asked, storeName(settings), { drain }) })
            }}
          />
        )}
        {isSaved && <Notice tone="settled" icon="check" text={t('settings.saved')} />}
      </Card>
      <ThemeCard />
      <StorageCard />
      <OtherStoresCard />
      <ExportCard />
      <Card gap={space.s}>
        <Heading level={2}>{t('settings.about')}</Heading>
        <Text>{t('settings.about.version', { version: APP_VERSION, contract: CONTRACT_VERSION })}</Text>
        <Text soft>{t('settings.about.text')}</Text>
      </Card>
    </View>
  )
}
