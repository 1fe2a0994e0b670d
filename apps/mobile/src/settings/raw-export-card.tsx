import { useState } from 'react'

import { usePlatform } from '../platform/platform-context.ts'
import { messageOf } from '../sync/store-failure.ts'
import { useTexts } from '../texts/texts-context.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Notice } from '../ui/notice.tsx'
import { Words } from '../ui/words.tsx'

/** Everything that lies on this device, as a file, where the app itself cannot read it. */
export function RawExportCard() {
  const { t } = useTexts()
  const { share, rawExport } = usePlatform()
  const [failure, setFailure] = useState<string>()
  const save = async () => {
    try {
      const day = new Date().toISOString().slice(0, 10)
      await share({ name: `fieldsync-raw-${day}.json`, text: await rawExport() })
      setFailure(undefined)
    } catch (error) {
      setFailure(messageOf(error))
    }
  }
  return (
    <Card>
      <Heading level={2}>{t('settings.rawExport')}</Heading>
      <Words soft>{t('settings.rawExport.text')}</Words>
      {failure !== undefined && (
        <Notice tone="broken" text={t('settings.rawExport.failed', { message: failure })} />
      )}
      <Button wide label={t('settings.export.action')} onPress={() => void save()} />
    </Card>
  )
}
