import { useState } from 'react'

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
import { usePlatform } from '../platform/platform-context.ts'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Notice } from '../ui/notice.tsx'
import { ConnectionForm } from './connection-form.tsx'

/** Who this device is, and at which server; what another connection would leave unsent is asked about first. */
export function ConnectionCard() {
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
  )
}
