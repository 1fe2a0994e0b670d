import type { Tone } from '@fieldsync/design'
import type { RecordStatus } from '@fieldsync/sync-engine'

import type { IconName } from '../theme/icon-paths.ts'

/** How a record's place between device and server is shown. */
export const RECORD_MARKS: Readonly<Record<RecordStatus, { readonly tone: Tone; readonly icon: IconName }>> =
  {
    pending: { tone: 'waiting', icon: 'clock' },
    in_flight: { tone: 'moving', icon: 'up' },
    synced: { tone: 'settled', icon: 'check' },
    local_only: { tone: 'clash', icon: 'warning' },
    conflict: { tone: 'clash', icon: 'conflict' },
    quarantined: { tone: 'broken', icon: 'warning' },
  }
