import { DeviceId, GrantId, type GrantRecord, Playbook, type SessionGrant } from '@fieldsync/contracts'
import { playbook } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { givableActions, grantState, placesOf, withheldAt } from './grant-tree.ts'

const NOW = Date.parse('2026-06-01T10:00:00Z')
const at = (ms: number): string => new Date(NOW + ms).toISOString()
const document = Playbook.parse(playbook())
const { playbookId } = document
const [firstRule = ''] = Object.keys(document.rules).toSorted()

const held = (part: Partial<SessionGrant> = {}): SessionGrant => ({
  playbookId: null,
  path: '',
  actions: ['edit', 'create', 'delete'],
  notBefore: null,
  expiresAt: null,
  ...part,
})
const record = (path: string): GrantRecord => ({
  grantId: GrantId.parse(`grt_${'0'.repeat(32)}`),
  deviceId: DeviceId.parse('dev_agro'),
  ...held({ path }),
  byRole: false,
  grantedBy: null,
  grantedAt: at(0),
  revokedAt: null,
  revokedBy: null,
})

it('[APP-73] the places are all of it, each rule, and what was granted, each behind what contains it', () => {
  const deep = `/rules/${firstRule}/constraints/maxWindKph`
  const places = placesOf(document, [record(deep), record(''), record(`/rules/${firstRule}-`)])
  const paths = places.map(({ path }) => path)
  expect(paths.slice(0, 3)).toEqual(['', `/rules/${firstRule}`, deep])
  expect(paths).toHaveLength(Object.keys(document.rules).length + 3)
  expect(places.map(({ grants }) => grants.length).slice(0, 3)).toEqual([1, 0, 1])
})

it('[APP-73] a grant holds, has not begun, or is over', () => {
  expect(grantState(held(), NOW)).toBe('holds')
  expect(grantState(held({ notBefore: at(1) }), NOW)).toBe('begins')
  expect(grantState(held({ expiresAt: at(0) }), NOW)).toBe('over')
})

describe('[APP-73, GRA-7] the actions that can be given', () => {
  const wanted = { playbookId, path: `/rules/${firstRule}`, notBefore: null, expiresAt: null }

  it.each<[what: string, own: SessionGrant[] | undefined, given: string[]]>([
    ['at an older server', undefined, ['edit', 'create', 'delete', 'publish']],
    ['by who holds nothing', [], []],
    ['by who holds all of it', [held()], ['edit', 'create', 'delete']],
    ['by who holds another place', [held({ path: '/rules/rule_none' })], []],
    ['by who holds it for a time', [held({ expiresAt: at(1) })], []],
  ])('%s', (_what, own, given) => {
    expect(givableActions(own, wanted, NOW)).toEqual(given)
  })

  it('for as long as they are held', () => {
    expect(givableActions([held({ expiresAt: at(9) })], { ...wanted, expiresAt: at(9) }, NOW)).toEqual([
      'edit',
      'create',
      'delete',
    ])
  })
})

it.each<[what: string, own: SessionGrant[] | undefined, withheld: object | undefined]>([
  ['at an older server', undefined, undefined],
  ['where it is granted', [held({ path: `/rules/${firstRule}` })], undefined],
  ['where nothing is', [], { why: 'missing' }],
  ['where it is over', [held({ expiresAt: at(0) })], { why: 'ended', at: at(0) }],
  ['where it has not begun', [held({ notBefore: at(1) })], { why: 'begins', at: at(1) }],
])('[APP-74] why a value cannot be changed %s', (_what, own, withheld) => {
  const path = ['rules', firstRule, 'constraints', 'maxWindKph']
  expect(withheldAt(own, { playbookId }, path, NOW)).toEqual(withheld)
})
