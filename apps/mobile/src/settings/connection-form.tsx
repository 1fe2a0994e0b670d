import { space } from '@fieldsync/design'
import { useState } from 'react'
import { View } from 'react-native'

import { isDeviceId, isServerAddress } from '../data/app-settings.ts'
import type { TypedConnection } from '../data/known-stores.ts'
import { useTexts } from '../messages/messages-context.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/text-field.tsx'

type Props = {
  readonly connection: TypedConnection
  readonly onSave: (connection: TypedConnection) => void
  readonly action: string
}

/** Who this device is, and which server it talks to. Nothing here needs a network. */
export function ConnectionForm({ connection, onSave, action }: Props) {
  const { t } = useTexts()
  const { defaultServer } = usePlatform()
  const [deviceId, setDeviceId] = useState(connection.deviceId)
  const [token, setToken] = useState(connection.token)
  const [server, setServer] = useState(connection.server)
  const [isStrict, setStrict] = useState(false)
  const isKnown = isDeviceId(deviceId.trim())
  const isReachable = server.trim() === '' ? defaultServer !== '' : isServerAddress(server.trim())
  const save = () => {
    setStrict(true)
    if (isKnown && isReachable) {
      onSave({ deviceId: deviceId.trim(), token: token.trim(), server: server.trim() })
    }
  }
  return (
    <View style={{ gap: space.l }}>
      <TextField
        label={t('setup.deviceId')}
        hint={t('setup.deviceId.hint')}
        kind="name"
        value={deviceId}
        onChange={setDeviceId}
        problem={isKnown || (deviceId === '' && !isStrict) ? undefined : t('setup.deviceId.problem')}
      />
      <TextField
        label={t('setup.token')}
        hint={t('setup.token.hint')}
        kind="secret"
        value={token}
        onChange={setToken}
      />
      <TextField
        label={t('setup.server')}
        kind="address"
        value={server}
        onChange={setServer}
        {...(defaultServer === '' ? {} : { hint: t('settings.server.default', { address: defaultServer }) })}
        problem={isReachable || (server === '' && !isStrict) ? undefined : t('setup.server.problem')}
      />
      <Button kind="primary" wide label={action} onPress={save} />
    </View>
  )
}
