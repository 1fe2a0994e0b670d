import { Playbook } from '@fieldsync/contracts'
import { playbook } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { baseOf, beginValue, followValue } from './value-edit.ts'

const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
const NEWEST = Playbook.parse(playbook({ version: 4 }))

it('[APP-1] a value follows the newest version until it is edited, and then names the one it started from', () => {
  const started = beginValue({ ...NEWEST, version: 3 }, 10)
  expect(followValue(started, NEWEST, 12)).toEqual(beginValue(NEWEST, 12))
  const edited = { ...started, typed: '14' }
  expect(followValue(edited, NEWEST, 12)).toEqual(edited)
  expect(followValue(edited, NEWEST, 10)).toEqual({ ...edited, version: 4 })
  const base = baseOf(edited, NEWEST, WIND)
  expect([base.version, JSON.stringify(base).includes('"maxWindKph":10')]).toEqual([3, true])
})
