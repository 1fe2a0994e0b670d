import { useEffect, useState } from 'react'

import { useSyncStatus } from '../data/client-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import { usePlatform } from '../platform/platform-context.ts'
import type { StorageRisk } from '../platform/platform.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Notice } from '../ui/notice.tsx'
import { Text } from '../ui/text.tsx'

/** Whether the platform may clear what is stored; undefined until it has said. Asked again when the number of unsent notes changes. */
function useStorageRisk(unsent: number): [StorageRisk | undefined, (risk: StorageRisk) => void] {
  const { storageRisk } = usePlatform()
  const [risk, setRisk] = useState<StorageRisk>()
  useEffect(() => {
    let isCurrent = true
    const ask = async (): Promise<void> => {
      const answer = await storageRisk()
      if (isCurrent) setRisk(answer)
    }
    void ask()
    return () => {
      isCurrent = false
    }
  }, [storageRisk, unsent])
  return [risk, setRisk]
}

function useUnsent(): number {
  const { pending, conflicts, quarantined } = useSyncStatus()
  return pending + conflicts + quarantined
}

/** On Home: notes that are only here, in a browser that may delete them (APP-50). Nothing while none waits. */
export function StorageNotice() {
  const { t } = useTexts()
  const unsent = useUnsent()
  const [risk] = useStorageRisk(unsent)
  if (unsent === 0 || risk === undefined || risk === 'none') return null
  const why = risk === 'evictable' ? t('storage.evictable') : t('storage.iosBrowser')
  return <Notice tone="waiting" text={`${t('storage.unsent', { count: unsent })} ${why}`} />
}

/** In the settings: the same, with what can be done about it. */
export function StorageCard() {
  const { t } = useTexts()
  const { protectStorage } = usePlatform()
  const unsent = useUnsent()
  const [risk, setRisk] = useStorageRisk(unsent)
  const [isRefused, setRefused] = useState(false)
  if (risk === undefined) return null
  const protect = async (): Promise<void> => {
    const left = await protectStorage()
    setRisk(left)
    setRefused(left !== 'none')
  }
  return (
    <Card>
      <Heading level={2}>{t('storage.title')}</Heading>
      {risk === 'none' ? (
        <Text soft>{t('storage.safe')}</Text>
      ) : (
        <>
          <Text live>{risk === 'evictable' ? t('storage.evictable') : t('storage.iosBrowser')}</Text>
          {unsent > 0 && <Text>{t('storage.unsent', { count: unsent })}</Text>}
          {risk === 'ios_browser' && <Text soft>{t('storage.iosBrowser.how')}</Text>}
          {isRefused && risk === 'evictable' && <Notice tone="calm" text={t('storage.refused')} />}
          {risk === 'evictable' && (
            <Button wide label={t('storage.protect')} onPress={() => void protect()} />
          )}
        </>
      )}
    </Card>
  )
}

/** Before an iPhone's browser is set up: the app on the home screen would have to be set up again, and have none of the notes. */
export function InstallFirstNotice() {
  const { t } = useTexts()
  const [risk] = useStorageRisk(0)
  return risk === 'ios_browser' ? <Notice tone="waiting" text={t('storage.iosBrowser.how')} /> : null
}
