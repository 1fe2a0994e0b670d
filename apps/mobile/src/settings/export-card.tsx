import { useState } from 'react'

import { usePlatform } from '../platform/platform-context.ts'
import { useClient } from '../sync/client-context.ts'
import { useSyncStatus } from '../sync/use-sync-status.ts'
import { useTexts } from '../texts/texts-context.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Notice } from '../ui/notice.tsx'
import { Words } from '../ui/words.tsx'
import { useSettings } from './settings-context.ts'

/** Everything that is only on this device, as a file: for the day on which it must be rescued. */
export function ExportCard() {
  const { t } = useTexts()
  const { share } = usePlatform()
  const { sync } = useClient()
  const { deviceId } = useSettings().settings
  const { pending, conflicts, quarantined, localOnly } = useSyncStatus()
  const [hasFailed, setFailed] = useState(false)
  const count = pending + conflicts + quarantined + localOnly
  const save = async () => {
    const day = new Date().toISOString().slice(0, 10)
    try {
      const text = JSON.stringify(await sync.exportQueue(), null, 2)
      await share({ name: `fieldsync-${deviceId}-${day}.json`, text })
      setFailed(false)
    } catch {
      setFailed(true)
    }
  }
  return (
    <Card>
      <Heading level={2}>{t('settings.export')}</Heading>
      <Words soft>{t('settings.export.text')}</Words>
      <Words live>{count === 0 ? t('settings.export.none') : t('settings.export.count', { count })}</Words>
      {hasFailed && <Notice tone="broken" text={t('settings.export.failed')} />}
      <Button wide label={t('settings.export.action')} onPress={() => void save()} />
    </Card>
  )
}
