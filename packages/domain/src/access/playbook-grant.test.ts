import { PlaybookId } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import {
  changesOfPatch,
  changesOfVersion,
  changeText,
  isInForce,
  mayGrant,
  type PlaybookGrant,
  uncoveredChanges,
} from './playbook-grant.ts'

const PLAYBOOK = PlaybookId.parse('pbk_one')
const OTHER = PlaybookId.parse('pbk_other')
const AT = new Date('2026-06-01T10:00:00Z')
const later = (ms: number): Date => new Date(AT.getTime() + ms)

const grant = (part: Partial<PlaybookGrant> = {}): PlaybookGrant => ({
  playbookId: null,
  path: '',
  actions: ['edit', 'create', 'delete'],
  notBefore: null,
  expiresAt: null,
  ...part,
})

const uncovered = (grants: PlaybookGrant[], before: object, after: object): string[] =>
  uncoveredChanges(grants, PLAYBOOK, changesOfPatch(before, after), AT).map((change) => changeText(change))

describe('which changes are covered', () => {
  const before = {
    version: 1,
    updatedAt: 'a',
    rules: { a: { x: 1, list: [1, 2] }, ab: { x: 1 }, 'a/b': { x: 1 } },
  }
  const change = (rules: object): object => ({
    version: 2,
    updatedAt: 'b',
    rules: { ...before.rules, ...rules },
  })

  it('[GRA-1] nothing without a grant', () => {
    expect(uncovered([], before, change({ a: { x: 2, list: [1, 2] } }))).toEqual(['edit /rules/a/x'])
    expect(uncovered([grant()], before, change({ a: { x: 2, list: [1, 2] } }))).toEqual([])
  })

  it('[GRA-2] a grant is at its path and below it, by segment and not by text', () => {
    const onA = grant({ path: '/rules/a' })
    expect(
      uncovered([onA], before, change({ a: { x: 2, list: [1] }, ab: { x: 2 }, 'a/b': { x: 2 } })),
    ).toEqual(['edit /rules/ab/x', 'edit /rules/a~1b/x'])
    expect(uncovered([grant({ path: '/rules/a~1b' })], before, change({ 'a/b': { x: 2 } }))).toEqual([])
    expect(uncovered([grant({ path: '/rules/a/b' })], before, change({ 'a/b': { x: 2 } }))).toEqual([
      'edit /rules/a~1b/x',
    ])
    expect(uncovered([grant({ path: 'rules' })], before, change({ a: { x: 2, list: [1, 2] } }))).toEqual([
      'edit /rules/a/x',
    ])
  })

  it('[GRA-3] deleting and creating are actions of their own', () => {
    const editor = grant({ actions: ['edit'] })
    expect(uncovered([editor], before, change({ a: { list: [1] } }))).toEqual([
      'delete /rules/a/x',
      'delete /rules/a/list/1',
    ])
    expect(uncovered([editor], before, change({ c: {} }))).toEqual(['create /rules/c'])
    expect(uncovered([editor], before, change({ a: { x: 1, list: [2, 2, 3] } }))).toEqual([
      'create /rules/a/list/2',
    ])
    expect(
      uncovered([grant({ actions: ['create'] })], before, change({ a: { x: 2, list: [1, 2] }, c: {} })),
    ).toEqual(['edit /rules/a/x'])
  })

  it('[GRA-3] a subtree that appears, goes or becomes another kind of value is changed at its root', () => {
    const inside = grant({ path: '/rules/a/x' })
    expect(uncovered([inside], before, change({ a: null }))).toEqual(['delete /rules/a', 'create /rules/a'])
    expect(uncovered([inside], before, change({ a: undefined }))).toEqual(['delete /rules/a'])
    expect(uncovered([inside], { rules: {} }, { rules: { a: { x: 1 } } })).toEqual(['create /rules/a'])
    expect(uncovered([inside], before, change({ a: { x: [1], list: [1, 2] } }))).toEqual([])
    expect(uncovered([inside], before, change({ a: { x: 2, list: { 0: 1, 1: 2 } } }))).toEqual([
      'delete /rules/a/list',
      'create /rules/a/list',
    ])
  })

  it('[GRA-3] null is a value like any other', () => {
    expect(uncovered([], { a: null, b: 1, c: null }, { a: 1, b: null, c: null })).toEqual([
      'edit /a',
      'edit /b',
    ])
    expect(uncovered([], { a: null }, { a: {} })).toEqual(['delete /a', 'create /a'])
  })

  it('[GRA-3] names of the prototype are plain names', () => {
    const strange = JSON.parse('{"rules":{"__proto__":{"x":1}}}') as object
    expect(uncovered([], { rules: {} }, strange)).toEqual(['create /rules/__proto__'])
  })

  it('[GRA-1] several grants together may cover what none covers alone', () => {
    const both = [
      grant({ path: '/rules/a', actions: ['edit'] }),
      grant({ path: '/rules/ab', actions: ['edit'] }),
    ]
    expect(uncovered(both, before, change({ a: { x: 2, list: [1, 2] }, ab: { x: 2 } }))).toEqual([])
  })

  it('[GRA-4] a grant of one playbook is worth nothing in another', () => {
    const changed = change({ a: { x: 2, list: [1, 2] } })
    expect(uncovered([grant({ playbookId: OTHER })], before, changed)).toEqual(['edit /rules/a/x'])
    expect(uncovered([grant({ playbookId: PLAYBOOK })], before, changed)).toEqual([])
  })

  it('[GRA-5] a grant holds from its first instant to the one before its end, and one out of force is named', () => {
    expect(isInForce(grant({ notBefore: AT }), AT)).toBe(true)
    expect(isInForce(grant({ notBefore: later(1) }), AT)).toBe(false)
    expect(isInForce(grant({ expiresAt: AT }), AT)).toBe(false)
    expect(isInForce(grant({ expiresAt: later(1) }), AT)).toBe(true)
    const ended = grant({ expiresAt: AT })
    const asked = [{ path: ['rules'], action: 'edit' as const }]
    expect(uncoveredChanges([ended], PLAYBOOK, asked, AT)).toEqual([{ ...asked[0], outOfForce: ended }])
    expect(uncoveredChanges([ended, grant()], PLAYBOOK, asked, AT)).toEqual([])
    expect(uncoveredChanges([], PLAYBOOK, asked, AT)).toEqual([{ ...asked[0], outOfForce: undefined }])
  })
})

it('[GRA-6] a whole version takes the right to publish at each place that it changes', () => {
  const before = { version: 1, rules: { a: 1, b: { c: 1 } } }
  const texts = (of: object | undefined, after: object) =>
    changesOfVersion(of, after).map((each) => changeText(each))
  expect(texts(before, { version: 9, rules: { a: 2 } })).toEqual(['publish /rules/a', 'publish /rules/b'])
  expect(texts(undefined, before)).toEqual(['publish the whole playbook'])
})

describe('[GRA-7] nobody grants more than they hold', () => {
  const held = [
    grant({ path: '/rules/a', actions: ['edit', 'create'], expiresAt: later(1000) }),
    grant({ playbookId: PLAYBOOK, path: '/rules/b', actions: ['edit'] }),
    grant({ path: '/rules/c', actions: ['edit'] }),
    grant({ path: 'no pointer', actions: ['edit', 'publish'] }),
  ]
  const may = (part: Partial<PlaybookGrant>): boolean => mayGrant(held, grant(part), AT)

  it.each<[what: string, wanted: Partial<PlaybookGrant>, granted: boolean]>([
    ['a part of it', { path: '/rules/a/x', actions: ['edit'], expiresAt: later(1000) }, true],
    ['all of it', { path: '/rules/a', actions: ['edit', 'create'], expiresAt: later(999) }, true],
    ['more of the playbook', { path: '/rules', actions: ['edit'], expiresAt: later(1) }, false],
    ['a neighbor by text', { path: '/rules/ab', actions: ['edit'], expiresAt: later(1) }, false],
    ['another action', { path: '/rules/a', actions: ['edit', 'delete'], expiresAt: later(1) }, false],
    ['longer', { path: '/rules/a', actions: ['edit'], expiresAt: later(1001) }, false],
    ['without an end', { path: '/rules/a', actions: ['edit'] }, false],
    ['one without an end', { playbookId: PLAYBOOK, path: '/rules/b', actions: ['edit'] }, true],
    ['in every playbook', { path: '/rules/b', actions: ['edit'] }, false],
    ['in another playbook', { playbookId: OTHER, path: '/rules/b', actions: ['edit'] }, false],
    ['one playbook of all', { playbookId: OTHER, path: '/rules/c', actions: ['edit'] }, true],
    ['by a grant without a place', { path: '', actions: ['publish'] }, false],
    ['no pointer', { path: 'rules/a', actions: ['edit'], expiresAt: later(1) }, false],
  ])('%s: %o is %s', (_what, wanted, granted) => {
    expect(may(wanted)).toBe(granted)
  })

  it('nor by a grant that is not in force', () => {
    expect(mayGrant([grant({ expiresAt: AT })], grant({ expiresAt: AT }), AT)).toBe(false)
    expect(mayGrant([], grant({ path: '/x' }), AT)).toBe(false)
  })
})
