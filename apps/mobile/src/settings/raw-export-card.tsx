import { useState } from 'react'

import { FailureNotice } from '../components/form-notices.tsx'
import { exportName, storeNames } from '../data/known-stores.ts'
import { useSettings } from '../data/settings-context.ts'
import { type Failed, messageOf } from '../data/use-write.ts'
import { useTexts } from '../messages/messages-context.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Text } from '../ui/text.tsx'

/** Everything that lies on this device, as a file, where the app itself cannot read it. */
export function RawExportCard() {
  const { t } = useTexts()
  const { share, rawExport } = usePlatform()
  const { settings } = useSettings()
  const [failure, setFailure] = useState<Failed>()
  const save = async () => {
    try {
      const { text, unread } = await rawExport(storeNames(settings))
      await share({ name: exportName('raw'), text })
      setFailure(
        unread.length === 0
          ? undefined
          : { text: t('settings.rawExport.partly', { stores: unread.join(', ') }), details: '' },
      )
    } catch (error) {
      setFailure({ text: t('settings.rawExport.failed'), details: messageOf(error) })
    }
  }
  return (
    <Card>
      <Heading level={2}>{t('settings.rawExport')}</Heading>
      <Text soft>{t('settings.rawExport.text')}</Text>
      <FailureNotice failure={failure} />
      <Button wide label={t('settings.export.action')} onPress={() => void save()} />
    </Card>
  )
}
