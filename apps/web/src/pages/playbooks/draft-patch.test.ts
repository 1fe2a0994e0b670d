import { Playbook, PlaybookPatch } from '@fieldsync/contracts'
import { playbook, playbookPatch } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { editableLeaves, patchToSend } from './draft-patch.ts'

it('[PCH-7] offers what a rule permits of itself, and not what it names of another', () => {
  const own = '/rules/rule_pm_moderate/action/instructions'
  const foreign = '/rules/rule_heat_moderate/action/instructions'
  const { rules } = Playbook.parse(playbook())
  for (const rule of Object.values(rules)) {
    rule.editablePaths = rule.ruleId === 'rule_pm_moderate' ? [own, foreign] : [own]
  }
  expect(editableLeaves({ rules }).map(({ path }) => path)).toEqual([own])
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
