import { space } from '@fieldsync/design'
import { useSyncExternalStore } from 'react'
import { View } from 'react-native'

import { flushInputs } from '../data/unsaved-input.ts'
import { useTexts } from '../messages/messages-context.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { Notice } from '../ui/notice.tsx'

/** Tells of a newer version of the app; the person says when, since a form may be half filled in. */
export function UpdateNotice() {
  const { t } = useTexts()
  const { update } = usePlatform()
  const isWaiting = useSyncExternalStore(update.subscribe, update.isWaiting)
  if (!isWaiting) return null
  return (
    <View style={{ padding: space.m }}>
      <Notice
        tone="moving"
        icon="sync"
        text={t('app.update')}
        action={{
          label: t('app.update.action'),
          onPress: () => void flushInputs().then(update.apply, update.apply),
        }}
      />
    </View>
  )
}
