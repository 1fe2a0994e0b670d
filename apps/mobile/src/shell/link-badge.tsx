import { useWindowDimensions, View } from 'react-native'

import { linkState } from '../data/link-state.ts'
import { useSyncStatus } from '../data/use-sync-status.ts'
import { useTexts } from '../messages/messages-context.ts'
import { Badge } from '../ui/badge.tsx'

/** Narrower than this, the words do not fit beside a title. */
const ROOM_FOR_WORDS = 380

/** How the way to the server stands, on every screen. */
export function LinkBadge() {
  const { t } = useTexts()
  const status = useSyncStatus()
  const { state, tone, icon } = linkState(status)
  const label = state === 'localOnly' ? t('link.localOnly', { count: status.localOnly }) : t(`link.${state}`)
  const isNarrow = useWindowDimensions().width < ROOM_FOR_WORDS
  return (
    <View role="status">
      <Badge tone={tone} icon={icon} label={label} isSignOnly={isNarrow} />
    </View>
  )
}
