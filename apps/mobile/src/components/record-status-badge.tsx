import type { Tone } from '@fieldsync/design'
import type { RecordStatus } from '@fieldsync/sync-engine'

import { useTexts } from '../messages/messages-context.ts'
import type { IconName } from '../theme/icon-paths.ts'
import { Badge } from '../ui/badge.tsx'

/** Where a record stands between this device and the server. */
export function RecordStatusBadge({ status }: { readonly status: RecordStatus }) {
  const { t } = useTexts()
  return <Badge {...RECORD_MARKS[status]} label={t(`recordStatus.${status}`)} />
}

/** How a record's place between device and server is shown. */
const RECORD_MARKS: Readonly<Record<RecordStatus, { readonly tone: Tone; readonly icon: IconName }>> = {
  pending: { tone: 'waiting', icon: 'clock' },
  in_flight: { tone: 'moving', icon: 'up' },
  synced: { tone: 'settled', icon: 'check' },
  local_only: { tone: 'clash', icon: 'warning' },
  conflict: { tone: 'clash', icon: 'conflict' },
  quarantined: { tone: 'broken', icon: 'warning' },
}
