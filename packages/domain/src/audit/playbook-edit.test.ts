import { Playbook } from '@fieldsync/contracts'
import { playbook } from '@fieldsync/contracts/testing'
import { describe, expect, it } from 'vitest'

import { canonicalText } from '../canonical.ts'
import { sha256 } from '../testing/sha256.ts'
import { changedPlaces } from './playbook-edit.ts'

const before = Playbook.parse(playbook())
const rule = before.rules['rule_pm_moderate' as keyof typeof before.rules]
const changed = (after: object) => changedPlaces(before, after as Playbook, sha256)
const hash = (value: unknown) => sha256(canonicalText(value))

describe('the places of an edit', () => {
  it('[AUD-16] are as deep as the versions can be compared, without the version and its time', () => {
    const after = {
      ...before,
      version: 9,
      updatedAt: '2027-01-01T00:00:00Z',
      rules: {
        ...before.rules,
        rule_pm_moderate: { ...rule, constraints: { ...rule?.constraints, maxWindKph: 9 } },
      },
    }
    expect(changed(after)).toEqual([
      { path: '/rules/rule_pm_moderate/constraints/maxWindKph', before: hash(12), after: hash(9) },
    ])
  })

  it('[AUD-16] have no hash on the side where there is nothing', () => {
    const { rule_pm_moderate: gone, ...others } = before.rules as Record<string, unknown>
    expect(changed({ ...before, rules: others })).toEqual([
      { path: '/rules/rule_pm_moderate', before: hash(gone), after: null },
    ])
    expect(changedPlaces(undefined, before, sha256)).toEqual([
      { path: '', before: null, after: hash(before) },
    ])
  })

  it('[AUD-16] name a value that becomes one of another kind once, with both hashes', () => {
    const after = { ...before, rules: { ...before.rules, rule_pm_moderate: 'off' } }
    expect(changed(after)).toEqual([
      { path: '/rules/rule_pm_moderate', before: hash(rule), after: hash('off') },
    ])
  })

  it('[AUD-16] are in the order of their pointers, whatever order the members have', () => {
    const reversed = Object.fromEntries(Object.entries({ ...before, b: 1, a: 1 }).toReversed())
    expect(changed(reversed).map(({ path }) => path)).toEqual(['/a', '/b'])
    expect(changed({ ...before, b: 1, a: 1 })).toEqual(changed(reversed))
  })

  it('[AUD-16] are pointers in their canonical form', () => {
    expect(changed({ ...before, 'a/b~c': 1 }).map(({ path }) => path)).toEqual(['/a~1b~0c'])
  })
})
