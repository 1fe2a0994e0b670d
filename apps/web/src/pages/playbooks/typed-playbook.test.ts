import { Playbook } from '@fieldsync/contracts'
import { altered, playbook } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { readTyped, typedText } from './typed-playbook.ts'

const active = Playbook.parse(playbook())
const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
const typed = (change: unknown) => readTyped(JSON.stringify(change), active)

it('[APP-85] what is shown for editing changes nothing, and is read back as it is', () => {
  const read = readTyped(typedText(active), active)
  const { version: _, updatedAt: __, ...content } = active
  expect(read).toEqual({ kind: 'valid', document: content, changes: [] })
})

it('[APP-85] a changed value is a difference; the version and time of an exported file are none', () => {
  expect(typed({ ...(altered(active, WIND, 9) as object), version: 1 })).toMatchObject({
    kind: 'valid',
    changes: [{ path: WIND, before: 12, after: 9 }],
  })
})

it('[APP-85] says what is wrong, each with its place', () => {
  expect(typed(altered(altered(active, WIND, 900), '/crop', 'wheat'))).toMatchObject({
    kind: 'wrong',
    issues: expect.arrayContaining([
      expect.objectContaining({ path: WIND }),
      expect.objectContaining({ path: '/crop' }),
    ]),
    more: 0,
  })
  expect(typed([])).toMatchObject({ kind: 'wrong', issues: [{ path: '' }] })
})

it.each([
  ['', { kind: 'empty' }],
  ['  \n', { kind: 'empty' }],
  ['{', { kind: 'notJson' }],
])('[APP-85] %j is no playbook', (text, expected) => {
  expect(readTyped(text, active)).toEqual(expected)
})

it('[APP-85] a version is of the same playbook; a new playbook has any id', () => {
  const other = altered(active, '/playbookId', 'pbk_other')
  expect(typed(other)).toEqual({ kind: 'otherId', playbookId: 'pbk_other' })
  expect(readTyped(JSON.stringify(other), undefined)).toMatchObject({ kind: 'valid' })
})
