import type { Observation } from '@fieldsync/contracts'
import { observed } from '@fieldsync/domain'

import { Badge } from '../../components/badge.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { SEVERITY_TONES } from './observation-tones.ts'

/** How severe it is, unless nobody said so (SHP-13). */
export function SeverityBadge({ observation }: { observation: Observation }) {
  const { t } = useMessages()
  const severity = observed(observation, '/extraction/severity')
  if (severity === undefined) return <span className="soft">{t('notObserved')}</span>
  return <Badge tone={SEVERITY_TONES[severity]}>{t(`severity.${severity}`)}</Badge>
}
