import type { Playbook } from '@fieldsync/contracts'

import { nameOf } from '../../components/value-text.ts'
import type { T } from '../../messages/messages.tsx'

/** A place of a playbook as its page names it: the rule by what it is about, and the value in it. */
export function placeName({ rules }: Pick<Playbook, 'rules'>, segments: readonly string[], t: T): string {
  const [top, ruleId, ...inside] = segments
  if (top === undefined) return t('grants.whole')
  const rule = top === 'rules' ? Object.entries(rules).find(([id]) => id === ruleId)?.[1] : undefined
  if (!rule) return nameOf(segments, t)
  const name = `${t(`issue.${rule.issue}`)} · ${t(`severity.${rule.severity}`)}`
  return inside.length === 0 ? name : `${name} · ${nameOf(segments, t)}`
}
