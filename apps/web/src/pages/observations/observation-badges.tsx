import type { Observation } from '@fieldsync/contracts'
import type { Tone } from '@fieldsync/design'
import { observed } from '@fieldsync/domain'

import { Badge } from '../../components/badge.tsx'
import { useMessages } from '../../messages/messages.tsx'

const STATUS_TONES: Readonly<Record<Observation['status'], Tone>> = {
  draft: 'waiting',
  confirmed: 'settled',
  logged: 'calm',
}

const SEVERITY_TONES: Readonly<Record<Observation['extraction']['severity'], Tone>> = {
  low: 'calm',
  moderate: 'waiting',
  high: 'clash',
}

/** How far a note is. */
export function StatusBadge({ status }: Pick<Observation, 'status'>) {
  const { t } = useMessages()
  return <Badge tone={STATUS_TONES[status]}>{t(`observationStatus.${status}`)}</Badge>
}

/** How severe it is, unless nobody said so (SHP-13). */
export function SeverityBadge({ observation }: { observation: Observation }) {
  const { t } = useMessages()
  const severity = observed(observation, '/extraction/severity')
  if (severity === undefined) return <span className="soft">{t('notObserved')}</span>
  return <Badge tone={SEVERITY_TONES[severity]}>{t(`severity.${severity}`)}</Badge>
}
