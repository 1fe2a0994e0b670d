import { View } from 'react-native'

import { linkState } from '../sync/link-state.ts'
import { useSyncStatus } from '../sync/use-sync-status.ts'
import { useTexts } from '../texts/texts-context.ts'
import { Mark } from '../ui/mark.tsx'

/** How the way to the server stands, on every screen. */
export function LinkBadge() {
  const { t } = useTexts()
  const { state, tone, icon } = linkState(useSyncStatus())
  return (
    <View role="status">
      <Mark tone={tone} icon={icon} label={t(`link.${state}`)} />
    </View>
  )
}
