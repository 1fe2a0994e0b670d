import type { FieldsyncClient } from '@fieldsync/client'
import { type ReactNode, useEffect, useState } from 'react'

import { usePlatform } from '../platform/platform-context.ts'
import { useSettings } from '../settings/settings-context.ts'
import { useTexts } from '../texts/texts-context.ts'
import { Empty } from '../ui/empty.tsx'
import { Waiting } from '../ui/waiting.tsx'
import { ClientContext } from './client-context.ts'
import { openClient } from './open-client.ts'

type Opened = { readonly key: string; readonly client: FieldsyncClient | 'failed' }

/** Opens the client of the settings' connection, and another one when that changes. */
export function ClientHolder({ children }: { readonly children: ReactNode }) {
  const platform = usePlatform()
  const { t } = useTexts()
  const { server, deviceId, token } = useSettings().settings
  const [opened, setOpened] = useState<Opened>()
  const [tries, setTries] = useState(0)
  const key = JSON.stringify([server, deviceId, token, tries])
  useEffect(() => {
    let isCurrent = true
    const opening = openClient(platform, { server, deviceId, token })
    const close = () => opening.then(({ close: end }) => end()).catch(() => undefined)
    opening.then(
      ({ client }) => isCurrent && setOpened({ key, client }),
      () => isCurrent && setOpened({ key, client: 'failed' }),
    )
    return () => {
      isCurrent = false
      void close()
    }
  }, [platform, server, deviceId, token, key])

  if (opened?.key !== key) return <Waiting label={t('app.loading')} />
  if (opened.client === 'failed') {
    return (
      <Empty
        icon="warning"
        title={t('app.failed.title')}
        text={t('app.failed.text')}
        action={{ label: t('app.retry'), onPress: () => setTries(tries + 1) }}
      />
    )
  }
  return <ClientContext value={opened.client}>{children}</ClientContext>
}
