import { useState } from 'react'

import { useClient, useSyncStatus } from '../data/client-context.ts'
import { exportName } from '../data/known-stores.ts'
import { useOtherStores } from '../data/other-stores.tsx'
import { useSettings } from '../data/settings-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Notice } from '../ui/notice.tsx'
import { Text } from '../ui/text.tsx'

/** Everything that is only on this device, as a file: for the day on which it must be rescued. */
export function ExportCard() {
  const { t } = useTexts()
  const { share } = usePlatform()
  const client = useClient()
  const { deviceId } = useSettings().settings
  const { pending, conflicts, quarantined, localOnly, foreign } = useSyncStatus()
  const { stores: others, isCounted } = useOtherStores()
  const [hasFailed, setFailed] = useState(false)
  // What is unsent in stores of others is shown, and exported, where they are listed.
  const count = foreign?.hidden ? 0 : pending + conflicts + quarantined + localOnly
  const contents = (): string | null => {
    if (foreign?.hidden === false) return t('settings.export.whole')
    if (count > 0) return t('settings.export.count', { count })
    if (others.length > 0 || foreign) return t('settings.export.noneHere')
    return isCounted ? t('settings.export.none') : null
  }
  const save = async () => {
    try {
      const text = JSON.stringify(await client.exportQueue(), null, 2)
      await share({ name: exportName(deviceId), text })
      setFailed(false)
    } catch {
      setFailed(true)
    }
  }
  return (
    <Card>
      <Heading level={2}>{t('settings.export')}</Heading>
      <Text soft>{t('settings.export.text')}</Text>
      <Text live>{contents()}</Text>
      {hasFailed && <Notice tone="broken" text={t('settings.export.failed')} />}
      <Button wide label={t('settings.export.action')} onPress={() => void save()} />
    </Card>
  )
}
