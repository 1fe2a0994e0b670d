import { space } from '@fieldsync/design'
import { useState } from 'react'
import { View } from 'react-native'

import { FailureNotice } from '../components/form-notices.tsx'
import { useClient, useSyncStatus } from '../data/client-context.ts'
import {
  type Connection,
  serverAddress,
  shortFingerprint,
  storeName,
  typedConnection,
  withConnection,
  withStore,
} from '../data/known-stores.ts'
import { useSettings } from '../data/settings-context.ts'
import { useOpenedLink } from '../data/use-opened-link.ts'
import { type Failed, messageOf } from '../data/use-write.ts'
import { useTexts } from '../messages/messages-context.ts'
import { keyProblem } from '../messages/problem-text.ts'
import { LeaveStore } from '../other-stores/leave-store.tsx'
import { usePlatform } from '../platform/platform-context.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Details } from '../ui/details.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loading } from '../ui/loading.tsx'
import { Notice } from '../ui/notice.tsx'
import { Text } from '../ui/text.tsx'
import { ConnectionForm } from './connection-form.tsx'
import { EnrollForm } from './enroll-form.tsx'
import { useEnrollment } from './use-enrollment.ts'

/** Who this device is, and at which server; what another connection would leave unsent is asked about first. */
export function ConnectionCard() {
  const link = useOpenedLink()
  return <ConnectionChoices key={link} link={link} />
}

/** A link that a set-up app was opened by replaces nothing before the person says so. */
function ConnectionChoices({ link }: { readonly link: string | null }) {
  const { t } = useTexts()
  const { settings, change } = useSettings()
  const { defaultServer, openedLink } = usePlatform()
  const { pending, conflicts, quarantined } = useSyncStatus()
  const [isSaved, setSaved] = useState(false)
  /** A connection that would leave something unsent behind. */
  const [asked, setAsked] = useState<Connection>()
  const unsent = pending + conflicts + quarantined
  const addressOf = (server: string) => serverAddress(server, defaultServer)
  const take = (connection: Connection, left: { readonly drain?: boolean } = {}) => {
    change((latest) => {
      const next = withConnection(latest, connection, addressOf)
      return {
        ...next,
        ...withStore(next, storeName(latest), left),
        role: '',
        grants: null,
        fourEyes: false,
        weather: '',
        timeZone: '',
      }
    })
    setSaved(true)
    openedLink.forget()
  }
  const choose = (connection: Connection) => {
    const next = withConnection(settings, connection, addressOf)
    const leaves = storeName(next) !== storeName(settings) && unsent > 0
    setAsked(leaves ? connection : undefined)
    if (!leaves) take(connection)
  }
  const form = useEnrollment(link, choose)
  return (
    <Card gap={space.l}>
      <Heading level={2}>{t('settings.connection')}</Heading>
      <KeyInUse />
      <View style={{ gap: space.m }}>
        <Heading level={3}>{t('setup.link.title')}</Heading>
        {link !== null && (
          <Notice
            tone="waiting"
            icon="lock"
            text={t('setup.opened', { device: settings.deviceId })}
            isUrgent
          />
        )}
        <EnrollForm form={form} isOpened={link !== null} />
        {link !== null && <Button wide label={t('setup.opened.ignore')} onPress={openedLink.forget} />}
      </View>
      <View style={{ gap: space.m }}>
        <Heading level={3}>{t('setup.token.title')}</Heading>
        <ConnectionForm
          connection={settings}
          action={t('settings.save')}
          onSave={(typed) => choose(typedConnection(settings, typed, addressOf))}
        />
      </View>
      {asked !== undefined && (
        <LeaveStore
          unsent={unsent}
          onStay={() => setAsked(undefined)}
          onLeave={(drain) => {
            setAsked(undefined)
            take(asked, { drain })
          }}
        />
      )}
      {isSaved && <Notice tone="settled" icon="check" text={t('settings.saved')} />}
    </Card>
  )
}

/** By what an administrator recognizes this device, where it has a key. */
function KeyInUse() {
  const { t } = useTexts()
  const { deviceId, key } = useSettings().settings
  if (key === null) return null
  return (
    <>
      <Text live>{t('settings.key', { device: deviceId, fingerprint: shortFingerprint(key) })}</Text>
      {key.storage === 'software' && <Details text={t('settings.key.software')} />}
      <ReplaceKey key={key.name} />
    </>
  )
}

/** The app does so by itself every 90 days; a person may do so earlier. */
function ReplaceKey() {
  const { t } = useTexts()
  const client = useClient()
  const [state, setState] = useState<'idle' | 'running' | 'done'>('idle')
  const [failure, setFailure] = useState<Failed>()
  const replace = async () => {
    setState('running')
    setFailure(undefined)
    try {
      await client.rotateKey()
      setState('done')
    } catch (error) {
      setState('idle')
      setFailure({ text: keyProblem(t, error, 'settings.key.noAnswer'), details: messageOf(error) })
    }
  }
  if (state === 'running') return <Loading label={t('settings.key.replacing')} />
  return (
    <>
      <FailureNotice failure={failure} />
      {state === 'done' && <Notice tone="settled" icon="check" text={t('settings.key.replaced')} />}
      <Button label={t('settings.key.replace')} onPress={() => void replace()} />
    </>
  )
}
