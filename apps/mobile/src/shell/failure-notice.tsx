import { space } from '@fieldsync/design'
import { useSyncExternalStore } from 'react'
import { View } from 'react-native'

import { useFailures } from '../data/failures.ts'
import { storeFailure } from '../data/store-failure.ts'
import { useTexts } from '../messages/messages-context.ts'
import { Notice } from '../ui/notice.tsx'

/** What went wrong beside what the person did: shown until it is over. */
export function FailureNotice() {
  const { t } = useTexts()
  const failures = useFailures()
  const failure = useSyncExternalStore(failures.subscribe, failures.first)
  if (failure === undefined) return null
  const { error, retry } = failure
  const words = retry === undefined ? 'app.listener' : 'app.unread'
  return (
    <View style={{ padding: space.m }}>
      <Notice
        tone="broken"
        text={t(words, { message: storeFailure(t, error) })}
        action={{
          label: retry === undefined ? t('app.understood') : t('app.retry'),
          onPress: () => failures.retryAll(),
        }}
      />
    </View>
  )
}
