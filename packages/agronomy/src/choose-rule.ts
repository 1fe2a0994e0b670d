import { type Observation, type Playbook, type PlaybookRule, RuleId } from '@fieldsync/contracts'
import { observed } from '@fieldsync/domain'

/** The rule that applies, with the name that the playbook has it under; `exact` is false where it is for another severity. */
export type ChosenRule = { readonly ruleId: RuleId; readonly rule: PlaybookRule; readonly exact: boolean }

/**
 * The rule for an observation (AGR-2): the one of its issue and severity (of several the first by id), otherwise the only one
 * of its issue; undefined for none. What was not observed is no reason for a rule.
 */
export function chooseRule(observation: Observation, playbook: Playbook): ChosenRule | undefined {
  const issue = observed(observation, '/extraction/issue')
  const severity = observed(observation, '/extraction/severity')
  const ofIssue = Object.entries(playbook.rules)
    .filter(([, rule]) => rule.issue === issue)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  const found = ofIssue.find(([, rule]) => rule.severity === severity)
  const chosen = found ?? (ofIssue.length === 1 ? ofIssue[0] : undefined)
  return chosen && { ruleId: RuleId.parse(chosen[0]), rule: chosen[1], exact: found !== undefined }
}
