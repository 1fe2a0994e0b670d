import { Playbook } from '@fieldsync/contracts'
import { playbook } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { baseOf, beginValue, followValue, isApplied } from './value-edit.ts'

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

it('[APP-2] a value that was applied when the app went away is not offered again, and anything else is', () => {
  const typed = { ...beginValue(NEWEST, 10), typed: '12 mph', reason: 'Gusts' }
  expect(isApplied(typed, 19.312_128, 'kph')).toBe(true)
  expect(isApplied(typed, 10, 'kph')).toBe(false)
  expect(isApplied(typed, 11, 'kph')).toBe(false)
  // Nothing but the reason was typed.
  expect(isApplied({ ...typed, typed: '10' }, 10, 'kph')).toBe(false)
})
