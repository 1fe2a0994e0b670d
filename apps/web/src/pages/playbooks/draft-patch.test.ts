import { Playbook } from '@fieldsync/contracts'
import { playbook } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { editableLeaves } from './draft-patch.ts'

it('[PCH-7] offers what a rule permits of itself, and not what it names of another', () => {
  const own = '/rules/rule_pm_moderate/action/instructions'
  const foreign = '/rules/rule_heat_moderate/action/instructions'
  const { rules } = Playbook.parse(playbook())
  for (const rule of Object.values(rules)) {
    rule.editablePaths = rule.ruleId === 'rule_pm_moderate' ? [own, foreign] : [own]
  }
  expect(editableLeaves({ rules }).map(({ path }) => path)).toEqual([own])
})
