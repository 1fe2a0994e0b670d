import type { ForeignStore } from '@fieldsync/sync-engine'
import { useState } from 'react'

import { FailureNotice } from '../components/form-notices.tsx'
import { useClient, useSyncStatus } from '../data/client-context.ts'
import { credentialOf } from '../data/credential.ts'
import {
  exportName,
  hasCredential,
  isSameCredential,
  serverAddress,
  storeInUse,
  withNewStore,
} from '../data/known-stores.ts'
import { useSettings } from '../data/settings-context.ts'
import { storeFailure, useWrite } from '../data/use-write.ts'
import { useTexts } from '../messages/messages-context.ts'
import { problemText } from '../messages/problem-text.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Notice } from '../ui/notice.tsx'
import { Text } from '../ui/text.tsx'

/** The notes of this device are of another workspace than the server's: nothing is sent before the person decides. */
export function ForeignStoreCard() {
  const { foreign, pending, conflicts, quarantined } = useSyncStatus()
  return foreign === null ? null : (
    <ForeignChoices foreign={foreign} unsent={pending + conflicts + quarantined} />
  )
}

function ForeignChoices({ foreign, unsent }: { readonly foreign: ForeignStore; readonly unsent: number }) {
  const { t } = useTexts()
  const platform = usePlatform()
  const { share, defaultServer } = platform
  const client = useClient()
  const { settings, change } = useSettings()
  const [message, setMessage] = useState<string>()
  const { failure, write } = useWrite()
  const own = storeInUse(settings)
  const { owner, reached } = foreign
  const here = reached?.workspaceName ?? (settings.server || defaultServer)
  const save = () =>
    client.foreign
      .export()
      .then((queue) => share({ name: exportName(owner.deviceId), text: JSON.stringify(queue, null, 2) }))
      .catch(() => setMessage(t('settings.export.failed')))
  const send = async () => {
    const url = serverAddress(own.server, defaultServer)
    try {
      const status = await client.foreign.send({ credentials: credentialOf(platform, own), url })
      const waiting = () => t('stores.waiting', { problem: problemText(t, status) })
      setMessage(status.pending === 0 ? t('stores.foreign.sent') : waiting())
    } catch (error) {
      setMessage(t('stores.waiting', { problem: storeFailure(t, error).text }))
    }
  }
  // Its own server has become another workspace: what that one has of it nobody knows (ENG-61).
  const mayLack = !foreign.hidden
  const none = mayLack ? t('stores.foreign.mayLack', { here }) : t('stores.foreign.none')
  return (
    <Card>
      <Heading level={2}>{t('stores.foreign.title')}</Heading>
      <Notice
        tone="clash"
        icon="lock"
        text={t(`stores.foreign.${foreign.reason}`, { device: owner.deviceId, here })}
      />
      <Text live>{unsent === 0 ? none : t('stores.foreign.unsent', { count: unsent })}</Text>
      {unsent > 0 && hasCredential(own) && !isSameCredential(own, settings) && (
        <Button wide label={t('stores.foreign.send')} onPress={() => void send()} />
      )}
      {(unsent > 0 || mayLack) && (
        <Button wide label={t('stores.leave.export')} onPress={() => void save()} />
      )}
      <Button
        wide
        label={t('stores.foreign.keep')}
        hint={t('stores.foreign.keep.hint')}
        onPress={() => change(withNewStore(settings, (server) => serverAddress(server, defaultServer)))}
      />
      {foreign.reason !== 'other_device' && (
        <Button
          wide
          kind="danger"
          label={t('stores.foreign.adopt', { here })}
          hint={t('stores.foreign.adopt.hint')}
          onPress={() => void write(() => client.foreign.adopt())}
        />
      )}
      {message !== undefined && <Text live>{message}</Text>}
      <FailureNotice failure={failure} />
    </Card>
  )
}
