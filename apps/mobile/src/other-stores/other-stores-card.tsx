import { space } from '@fieldsync/design'
import { useState } from 'react'
import { View } from 'react-native'

import { exportName, hasCredential, type KnownStore } from '../data/known-stores.ts'
import type { OtherStore } from '../data/other-store.ts'
import { useOtherStores } from '../data/other-stores.tsx'
import { useTexts } from '../messages/messages-context.ts'
import { problemText } from '../messages/problem-text.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Details } from '../ui/details.tsx'
import { Heading } from '../ui/heading.tsx'
import { Notice } from '../ui/notice.tsx'
import { Text } from '../ui/text.tsx'

/** What no server has of connections that are not in use any more; nothing where there is none. */
export function OtherStoresCard() {
  const { t } = useTexts()
  const { stores } = useOtherStores()
  if (stores.length === 0) return null
  return (
    <Card>
      <Heading level={2}>{t('stores.title')}</Heading>
      <Text soft>{t('stores.text')}</Text>
      {stores.map((other) => (
        <OtherStoreRow key={other.store.name} other={other} />
      ))}
    </Card>
  )
}

function OtherStoreRow({ other: { store, unsent, localOnly, problem } }: { readonly other: OtherStore }) {
  const { t } = useTexts()
  const { share, defaultServer } = usePlatform()
  const { send, exported } = useOtherStores()
  const [hasFailed, setFailed] = useState(false)
  const save = (which: KnownStore) =>
    exported(which)
      .then((text) => share({ name: exportName(which.deviceId), text }))
      .then(
        () => setFailed(false),
        () => setFailed(true),
      )
  const where = store.workspaceName === '' ? store.server || defaultServer : store.workspaceName
  return (
    <View style={{ gap: space.s }}>
      {unsent === null && (
        <>
          <Text live>{t('stores.unread', { device: store.deviceId, where })}</Text>
          <Details text={problem?.problem ?? ''} />
        </>
      )}
      {unsent !== null && unsent > 0 && (
        <Text live>{t('stores.unsent', { count: unsent, device: store.deviceId, where })}</Text>
      )}
      {localOnly > 0 && (
        <Text live>{t('stores.localOnly', { count: localOnly, device: store.deviceId, where })}</Text>
      )}
      {store.drain && unsent !== null && unsent > 0 && (
        <Text as="note" soft>
          {problem === null ? t('stores.sending') : t('stores.waiting', { problem: problemText(t, problem) })}
        </Text>
      )}
      {hasFailed && <Notice tone="broken" text={t('settings.export.failed')} />}
      <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: space.s }}>
        {!store.drain && hasCredential(store) && unsent !== 0 && (
          <Button label={t('stores.send')} onPress={() => send(store.name)} />
        )}
        <Button label={t('stores.export', { device: store.deviceId })} onPress={() => void save(store)} />
      </View>
    </View>
  )
}
