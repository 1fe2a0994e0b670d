import { space } from '@fieldsync/design'
import { View } from 'react-native'

import { OnlineOnlyNotice } from '../shell/online-only-notice.tsx'
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
  return (
    <View style={{ gap: space.l }}>
      <Words>{t('setup.text')}</Words>
      <OnlineOnlyNotice />
      <InstallFirstNotice />
      <Card>
        <ConnectionForm connection={settings} onSave={change} action={t('setup.action')} />
      </Card>
    </View>
  )
}
