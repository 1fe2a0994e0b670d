import { CONTRACT_VERSION } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { LANGUAGES } from '@fieldsync/messages'
import { useState } from 'react'
import { View } from 'react-native'

import { APP_VERSION } from '../about.ts'
import { useTexts } from '../texts/texts-context.ts'
import { Card } from '../ui/card.tsx'
import { Choice } from '../ui/choice.tsx'
import { Heading } from '../ui/heading.tsx'
import { Notice } from '../ui/notice.tsx'
import { Words } from '../ui/words.tsx'
import { THEMES } from './app-settings.ts'
import { ConnectionForm } from './connection-form.tsx'
import { ExportCard } from './export-card.tsx'
import { useSettings } from './settings-context.ts'
import { StorageCard } from './storage-risk.tsx'

const SPOKEN = ['system', ...LANGUAGES] as const

/** What a person may set on this device. */
export function SettingsScreen() {
  const { t } = useTexts()
  const { settings, change } = useSettings()
  const [isSaved, setSaved] = useState(false)
  return (
    <View style={{ gap: space.l }}>
      <Card>
        <Heading level={2}>{t('settings.connection')}</Heading>
        <ConnectionForm
          connection={settings}
          action={t('settings.save')}
          onSave={(connection) => {
            change({ ...connection, role: '' })
            setSaved(true)
          }}
        />
        {isSaved && <Notice tone="settled" icon="check" text={t('settings.saved')} />}
      </Card>
      <Card>
        <Heading level={2}>{t('settings.look')}</Heading>
        <Choice
          label={t('settings.theme')}
          pick="one"
          options={THEMES.map((value) => ({ value, label: t(`settings.theme.${value}`) }))}
          chosen={[settings.theme]}
          onChange={(theme) => change({ theme })}
        />
        <Choice
          label={t('settings.language')}
          pick="one"
          options={SPOKEN.map((value) => ({ value, label: t(`settings.language.${value}`) }))}
          chosen={[settings.language]}
          onChange={(language) => change({ language })}
        />
      </Card>
      <StorageCard />
      <ExportCard />
      <Card gap={space.s}>
        <Heading level={2}>{t('settings.about')}</Heading>
        <Words>{t('settings.about.version', { version: APP_VERSION, contract: CONTRACT_VERSION })}</Words>
        <Words soft>{t('settings.about.text')}</Words>
      </Card>
    </View>
  )
}
