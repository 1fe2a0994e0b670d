import { CONTRACT_VERSION } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { View } from 'react-native'

import { APP_VERSION } from '../about.ts'
import { StorageCard } from '../components/storage-risk.tsx'
import { useTexts } from '../messages/messages-context.ts'
import { OtherStoresCard } from '../other-stores/other-stores-card.tsx'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Text } from '../ui/text.tsx'
import { ConnectionCard } from './connection-card.tsx'
import { ExportCard } from './export-card.tsx'
import { ThemeCard } from './theme-card.tsx'

/** What a person may set on this device. */
export function SettingsScreen() {
  const { t } = useTexts()
  return (
    <View style={{ gap: space.l }}>
      <ConnectionCard />
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
