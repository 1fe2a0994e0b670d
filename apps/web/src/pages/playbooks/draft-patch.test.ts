import { Playbook } from '@fieldsync/contracts'
import { playbook } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { draftPatch, editableLeaves } from './draft-patch.ts'

it('[PCH-7] offers what a rule permits of itself, and not what it names of another', () => {
  const own = '/rules/rule_pm_moderate/action/instructions'
  const foreign = '/rules/rule_heat_moderate/action/instructions'
  const { rules } = Playbook.parse(playbook())
  for (const rule of Object.values(rules)) {
    rule.editablePaths = rule.ruleId === 'rule_pm_moderate' ? [own, foreign] : [own]
  }
  expect(editableLeaves({ rules }).map(({ path }) => path)).toEqual([own])
})

it('[APP-62] a number that was typed in other units is sent in the contract’s, and judged by its bounds', () => {
  const path = '/rules/rule_pm_moderate/constraints/maxWindKph'
  const document = Playbook.parse(playbook())
  const drafted = draftPatch(document, new Map([[path, '12 mph']]))
  expect(drafted.operations).toEqual([{ op: 'replace', path, value: 19.312_128 }])
  expect(drafted.wrong.size).toBe(0)
  const tooMuch = draftPatch(document, new Map([[path, '63 mph']]))
  expect(tooMuch.wrong.get(path)).toMatchObject({ code: 'number_large', bound: 100 })
})
