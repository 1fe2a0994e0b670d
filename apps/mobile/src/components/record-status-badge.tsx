import type { RecordStatus } from '@fieldsync/sync-engine'

import { RECORD_MARKS } from '../data/record-badge.ts'
import { useTexts } from '../messages/messages-context.ts'
import { Badge } from '../ui/badge.tsx'

/** Where a record stands between this device and the server. */
export function RecordStatusBadge({ status }: { readonly status: RecordStatus }) {
  const { t } = useTexts()
  return <Badge {...RECORD_MARKS[status]} label={t(`recordStatus.${status}`)} />
}
