import { space } from '@fieldsync/design'
import { View } from 'react-native'

import { OnlineOnlyNotice } from '../components/online-only-notice.tsx'
import { InstallFirstNotice } from '../components/storage-risk.tsx'
import { serverAddress, withConnection } from '../data/known-stores.ts'
import { useSettings } from '../data/settings-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { Card } from '../ui/card.tsx'
import { Text } from '../ui/text.tsx'
import { ConnectionForm } from './connection-form.tsx'

/** The first start: who this device is. Without that its notes could not be told from another's. */
export function SetupScreen() {
  const { t } = useTexts()
  const { settings, change } = useSettings()
  const { defaultServer } = usePlatform()
  return (
    <View style={{ gap: space.l }}>
      <Text>{t('setup.text')}</Text>
      <OnlineOnlyNotice />
      <InstallFirstNotice />
      <Card>
        <ConnectionForm
          connection={settings}
          onSave={(connection) => {
            const next = withConnection(settings, connection, (server) =>
              serverAddress(server, defaultServer),
            )
            change(next)
          }}
          action={t('setup.action')}
        />
      </Card>
    </View>
  )
}
