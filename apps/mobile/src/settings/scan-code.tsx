import { space } from '@fieldsync/design'
import { useState } from 'react'
import { View } from 'react-native'

import { useTexts } from '../messages/messages-context.ts'
import type { CodeScanner } from '../platform/platform.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'

type Props = {
  readonly scanner: CodeScanner
  /** @returns whether the text is what was looked for */
  readonly onRead: (text: string) => boolean
}

/** Reads a QR code with the camera, once the person wants to. */
export function ScanCode({ scanner, onRead }: Props) {
  const { t } = useTexts()
  const [state, setState] = useState<'closed' | 'open' | 'forbidden'>('closed')
  const [isOther, setOther] = useState(false)
  const open = async () => {
    setOther(false)
    const isAllowed = await scanner.allow().catch(() => false)
    setState(isAllowed ? 'open' : 'forbidden')
  }
  if (state === 'open')
    return (
      <View style={{ gap: space.m }}>
        <View accessibilityLabel={t('setup.scan.camera')} accessible>
          <scanner.View onRead={(text) => setOther(!onRead(text))} />
        </View>
        {isOther && <Notice tone="broken" text={t('setup.scan.other')} />}
        <Button wide label={t('setup.scan.cancel')} onPress={() => setState('closed')} />
      </View>
    )
  return (
    <View style={{ gap: space.m }}>
      {state === 'forbidden' && (
        <Notice
          tone="waiting"
          text={t('setup.scan.forbidden')}
          action={{
            label: t('setup.scan.settings'),
            onPress: () => void scanner.openSystemSettings(),
          }}
        />
      )}
      <Button wide label={t('setup.scan')} onPress={() => void open()} />
    </View>
  )
}
