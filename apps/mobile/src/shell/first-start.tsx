import { space } from '@fieldsync/design'
import { View } from 'react-native'

import { OnlineOnlyNotice } from '../components/online-only-notice.tsx'
import { InstallFirstNotice } from '../components/storage-risk.tsx'
import { serverAddress, typedConnection, withConnection } from '../data/known-stores.ts'
import { useSettings } from '../data/settings-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { ConnectionForm } from '../settings/connection-form.tsx'
import { Card } from '../ui/card.tsx'
import { Text } from '../ui/text.tsx'
import { Page } from './page.tsx'
import { TopBar } from './top-bar.tsx'

/** The first start: who this device is. Without that its notes could not be distinguished from another's. */
export function FirstStart() {
  const { t } = useTexts()
  const { settings, change } = useSettings()
  const { defaultServer } = usePlatform()
  const addressOf = (server: string) => serverAddress(server, defaultServer)
  return (
    <>
      <TopBar title={t('setup.title')} />
      <Page label={t('setup.title')}>
        <View style={{ gap: space.l }}>
          <Text>{t('setup.text')}</Text>
          <OnlineOnlyNotice />
          <InstallFirstNotice />
          <Card>
            <ConnectionForm
              connection={settings}
              onSave={(typed) => {
                const connection = typedConnection(settings, typed, addressOf)
                change(withConnection(settings, connection, addressOf))
              }}
              action={t('setup.action')}
            />
          </Card>
        </View>
      </Page>
    </>
  )
}
