import { Playbook, PlaybookPatch } from '@fieldsync/contracts'
import { playbook, playbookPatch } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { draftPatch, editableLeaves, patchToSend } from './draft-patch.ts'

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
  expect(drafted.after).toMatchObject({ version: document.version + 1 })
  expect(drafted.after?.rules).toHaveProperty('rule_pm_moderate.constraints.maxWindKph', 19.312_128)
  const tooMuch = draftPatch(document, new Map([[path, '63 mph']]))
  expect(tooMuch.wrong.get(path)).toMatchObject({ code: 'number_large', bound: 100 })
  expect([tooMuch.after, draftPatch(document, new Map()).after]).toEqual([null, null])
})

it('[PCH-1, PCH-2] sends the same content as the same patch, and other content as another one', () => {
  const first = PlaybookPatch.parse(playbookPatch())
  const { patchId, requestedAt } = PlaybookPatch.parse(playbookPatch())
  const later = { ...first, patchId, requestedAt }
  expect(patchToSend([], first)).toBe(first)
  expect(patchToSend([first], later)).toBe(first)
  const others = [
    { ...later, reason: 'Another reason' },
    { ...later, operations: [{ op: 'remove', path: '/rules' } as const] },
    { ...later, baseVersion: later.baseVersion + 1 },
  ]
  for (const other of others) expect(patchToSend([first, later], other)).toBe(other)
})
