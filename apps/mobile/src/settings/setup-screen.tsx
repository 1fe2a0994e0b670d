import { space } from '@fieldsync/design'
import { View } from 'react-native'

import { usePlatform } from '../platform/platform-context.ts'
import { OnlineOnlyNotice } from '../shell/online-only-notice.tsx'
import { serverAddress, withConnection } from '../stores/known-stores.ts'
import { useTexts } from '../texts/texts-context.ts'
import { Card } from '../ui/card.tsx'
import { Words } from '../ui/words.tsx'
import { ConnectionForm } from './connection-form.tsx'
import { useSettings } from './settings-context.ts'
import { InstallFirstNotice } from './storage-risk.tsx'

/** The first start: who this device is. Without that its notes could not be told from another's. */
export function SetupScreen() {
  const { t } = useTexts()
  const { settings, change } = useSettings()
  const { defaultServer } = usePlatform()
  return (
    <View style={{ gap: space.l }}>
      <Words>{t('setup.text')}</Words>
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
