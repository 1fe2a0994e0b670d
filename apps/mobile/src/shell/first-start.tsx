import { space } from '@fieldsync/design'
import { useEffect, useEffectEvent, useState } from 'react'
import { View } from 'react-native'

import { OnlineOnlyNotice } from '../components/online-only-notice.tsx'
import { InstallFirstNotice } from '../components/storage-risk.tsx'
import { type Connection, serverAddress, typedConnection, withConnection } from '../data/known-stores.ts'
import { useSettings } from '../data/settings-context.ts'
import { useOpenedLink } from '../data/use-opened-link.ts'
import { useTexts } from '../messages/messages-context.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { ConnectionForm } from '../settings/connection-form.tsx'
import { EnrollForm } from '../settings/enroll-form.tsx'
import { useEnrollment } from '../settings/use-enrollment.ts'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loading } from '../ui/loading.tsx'
import { Text } from '../ui/text.tsx'
import { Page } from './page.tsx'
import { TopBar } from './top-bar.tsx'
import { WipedNotice } from './wiped.tsx'

/** The first start: who this device is. Without that its notes could not be distinguished from another's. */
export function FirstStart() {
  const link = useOpenedLink()
  return <SetUp key={link} link={link} />
}

/** By a link at once; else by what a person types. */
function SetUp({ link }: { readonly link: string | null }) {
  const { t } = useTexts()
  const { settings, change } = useSettings()
  const { defaultServer, openedLink, storageRisk } = usePlatform()
  const addressOf = (server: string) => serverAddress(server, defaultServer)
  const take = (connection: Connection) =>
    change((latest) => ({ ...withConnection(latest, connection, addressOf), wiped: null }))
  const form = useEnrollment(link, (connection) => {
    take(connection)
    openedLink.forget()
  })
  const [isStarting, setStarting] = useState(link !== null)
  const begin = useEffectEvent(async () => {
    // In a tab of Safari the code would be used up for a storage that is about to be left (APP-50).
    if (link !== null && (await storageRisk()) !== 'ios_browser') await form.start()
    setStarting(false)
  })
  useEffect(() => void begin(), [])
  return (
    <>
      <TopBar title={t('setup.title')} />
      <Page label={t('setup.title')}>
        {isStarting ? (
          <Loading label={t('setup.running', { server: form.running ?? defaultServer })} />
        ) : (
          <View style={{ gap: space.l }}>
            <WipedNotice />
            <Text>{t('setup.text')}</Text>
            <OnlineOnlyNotice />
            <InstallFirstNotice />
            <Card>
              <Heading level={2}>{t('setup.link.title')}</Heading>
              <EnrollForm form={form} />
            </Card>
            <Card>
              <Heading level={2}>{t('setup.token.title')}</Heading>
              <ConnectionForm
                connection={settings}
                onSave={(typed) => take(typedConnection(settings, typed, addressOf))}
                action={t('setup.action')}
              />
            </Card>
          </View>
        )}
      </Page>
    </>
  )
}
