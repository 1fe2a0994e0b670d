import type { RecordStatus } from '@fieldsync/sync-engine'

import { useTexts } from '../texts/texts-context.ts'
import { Mark } from '../ui/mark.tsx'
import { RECORD_MARKS } from './record-mark.ts'

/** Where a record stands between this device and the server. */
export function RecordStatusMark({ status }: { readonly status: RecordStatus }) {
  const { t } = useTexts()
  return <Mark {...RECORD_MARKS[status]} label={t(`recordStatus.${status}`)} />
}
