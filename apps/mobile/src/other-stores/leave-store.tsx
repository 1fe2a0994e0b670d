import { space } from '@fieldsync/design'
import { useState } from 'react'
import { View } from 'react-native'

import { useClient } from '../data/client-context.ts'
import { exportName } from '../data/known-stores.ts'
import { useSettings } from '../data/settings-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { Text } from '../ui/text.tsx'

type Props = {
  readonly unsent: number
  /** The person goes on with the new connection; `drain`: what is unsent goes out with the credential of the old one. */
  readonly onLeave: (drain: boolean) => void
  readonly onStay: () => void
}

/** Before another connection is taken: what is unsent stays in the store that is left, and a person says what becomes of it. */
export function LeaveStore({ unsent, onLeave, onStay }: Props) {
  const { t } = useTexts()
  const { share } = usePlatform()
  const client = useClient()
  const { deviceId } = useSettings().settings
  const [exported, setExported] = useState<'done' | 'failed'>()
  const save = () =>
    client
      .exportQueue()
      .then((queue) => share({ name: exportName(deviceId), text: JSON.stringify(queue, null, 2) }))
      .then(
        () => setExported('done'),
        () => setExported('failed'),
      )
  return (
    <View style={{ gap: space.m }} role="alert">
      <Notice
        tone="waiting"
        icon="clock"
        text={t('stores.leave', { count: unsent, device: deviceId })}
        isUrgent
      />
      <Text soft>{t('stores.leave.text')}</Text>
      <Button kind="primary" wide label={t('stores.leave.send')} onPress={() => onLeave(true)} />
      <Button wide label={t('stores.leave.export')} onPress={() => void save()} />
      {exported === 'done' && <Text live>{t('stores.leave.exported')}</Text>}
      {exported === 'failed' && <Notice tone="broken" text={t('settings.export.failed')} />}
      <Button wide label={t('stores.leave.keep')} onPress={() => onLeave(false)} />
      <Button wide label={t('stores.leave.stay')} onPress={onStay} />
    </View>
  )
}
