import type { Observation, Playbook, PlaybookRule } from '@fieldsync/contracts'
import { observed } from '@fieldsync/domain'

/** The rule that applies; `exact` is false where it is for another severity. */
export type ChosenRule = { readonly rule: PlaybookRule; readonly exact: boolean }

/**
 * The rule for an observation (AGR-2): the one of its issue and severity (of several the first by id), otherwise the only one
 * of its issue; undefined for none. What was not observed is no reason for a rule.
 */
export function chooseRule(observation: Observation, playbook: Playbook): ChosenRule | undefined {
  const issue = observed(observation, '/extraction/issue')
  const severity = observed(observation, '/extraction/severity')
  const ofIssue = Object.values(playbook.rules)
    .filter((rule) => rule.issue === issue)
    .toSorted((a, b) => (a.ruleId < b.ruleId ? -1 : 1))
  const exact = ofIssue.find((rule) => rule.severity === severity)
  if (exact !== undefined) return { rule: exact, exact: true }
  const [only, ...others] = ofIssue
  return only === undefined || others.length > 0 ? undefined : { rule: only, exact: false }
}
