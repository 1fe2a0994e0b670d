import type { Playbook } from '@fieldsync/contracts'
import { conditionText, rationaleText } from '@fieldsync/messages'

import { Facts } from '../../components/facts.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { leavesOf } from './leaves.ts'
import { nameOf, valueText } from './value-text.ts'

/** A playbook's rules as people read them. */
export function Rules({ playbook }: { playbook: Playbook }) {
  const { t, formats } = useMessages()
  const signed = (minutes: number): string => (minutes > 0 ? '+' : '') + formats.number(minutes)
  return Object.entries(playbook.rules).map(([ruleId, { constraints, action, timing, issue, severity }]) => (
    <section key={ruleId} className="card">
      <div>
        <h2>
          {t(`issue.${issue}`)} · {t(`severity.${severity}`)} → {t(`action.${action.type}`)}
        </h2>
        <p className="soft mono">{ruleId}</p>
      </div>
      <p>{action.instructions}</p>
      <Facts
        of={leavesOf({ constraints, timing: timing.baseWindowHours }).map(
          ({ segments, value }) => [nameOf(segments, t), valueText(segments, value, { t, formats })] as const,
        )}
      />
      {timing.weatherAdjustments.map(
        ({ feature, condition, shiftStartMinutes, shiftEndMinutes, rationaleTag }) => (
          <p key={`${feature} ${condition}`} className="soft">
            {t('playbook.adjusts', {
              feature: t(`feature.${feature}`),
              condition: conditionText(t, condition),
              start: signed(shiftStartMinutes),
              end: signed(shiftEndMinutes),
              why: rationaleText(t, rationaleTag),
            })}
          </p>
        ),
      )}
    </section>
  ))
}
