import { useTexts } from '../messages/messages-context.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { Notice } from '../ui/notice.tsx'

/** Shown before a person walks out of reach with an app that will not start there. */
export function OnlineOnlyNotice() {
  const { t } = useTexts()
  const { startsOffline } = usePlatform()
  return startsOffline ? null : <Notice tone="clash" icon="lock" text={t('app.onlineOnly')} />
}
