import {
  Instant,
  type PatchOperation,
  type Playbook,
  type PlaybookPatch,
  type PlaybookRule,
} from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { canonicalRecord, canonicalText } from '../canonical.ts'
import { valueAt } from '../json-patch/pointer.ts'
import { type ActorName, ACTORS } from '../testing/actors.ts'
import { at, patch, PLAYBOOK } from '../testing/playbook-samples.ts'
import { decidePatch, patchBreaches } from './playbook-patch.ts'

const NOW = Instant.parse('2026-02-12T09:00:00Z')
const WIND = at('/constraints/maxWindKph')
const replaceWind = { op: 'replace', path: WIND, value: 9 }

const decide = (
  incoming: PlaybookPatch,
  given: Partial<Parameters<typeof decidePatch>[0]> & { by?: ActorName } = {},
) =>
  decidePatch({
    actor: ACTORS[given.by ?? 'agronomist'],
    playbook: PLAYBOOK,
    acceptedContent: undefined,
    grants: undefined,
    incoming: canonicalRecord(incoming),
    at: NOW,
    ...given,
  })

const apply = (...operations: unknown[]) => decide(patch(operations))
const refused = (code: string, resolution: string) =>
  expect.objectContaining({
    kind: 'conflict',
    code,
    resolution,
    message: expect.stringMatching(/^[A-Z].+\.$/),
  })
const NOT_ALLOWED = refused('PLAYBOOK_PATCH_PATH_NOT_ALLOWED', 'fix')
const INVALID = refused('PLAYBOOK_PATCH_INVALID', 'fix')

/** The sample playbook at the next version, with another rule_a. */
const withRuleA = (change: (rule: PlaybookRule) => void): Playbook => {
  const copy = structuredClone(PLAYBOOK)
  for (const [ruleId, rule] of Object.entries(copy.rules)) if (ruleId === 'rule_a') change(rule)
  return { ...copy, version: 4, updatedAt: NOW }
}

describe('the rows of the conflict table', () => {
  it('[PCH-1] an accepted patch again is no change, whatever happened since', () => {
    const again = patch([replaceWind])
    const acceptedContent = canonicalRecord(again).contentText
    expect(decide(again, { acceptedContent })).toEqual({ kind: 'duplicate' })
    expect(
      decide(again, { acceptedContent, playbook: { ...PLAYBOOK, version: 9 }, by: 'otherScout' }),
    ).toEqual({
      kind: 'duplicate',
    })
  })

  it('[PCH-2] an accepted id with other content is reused', () => {
    const acceptedContent = canonicalRecord(patch([{ ...replaceWind, value: 8 }])).contentText
    expect(decide(patch([replaceWind]), { acceptedContent })).toEqual(refused('PATCH_ID_REUSED', 'rename'))
  })

  it('[PCH-3] a refused patch is evaluated again', () => {
    const again = patch([replaceWind], { baseVersion: 4 })
    expect(decide(again)).toEqual(refused('PLAYBOOK_VERSION_MISMATCH', 'rebase'))
    expect(decide(again, { playbook: { ...PLAYBOOK, version: 4 } })).toMatchObject({ kind: 'accept' })
  })

  it('[PCH-4, CNF-7] no device patches in the name of another device', () => {
    const foreign = decide(patch([replaceWind], { requestedByDeviceId: 'dev_other' }), { by: 'admin' })
    expect(foreign).toEqual(refused('FORBIDDEN', 'fix'))
    const message = expect.stringContaining('the device that sends')
    expect(foreign).toMatchObject({ issues: [{ path: '/requestedByDeviceId', message }] })
  })

  it('[PCH-5, CNF-7] an unknown playbook is named', () => {
    const unknown = decide(patch([replaceWind]), { playbook: undefined })
    expect(unknown).toEqual(refused('PLAYBOOK_UNKNOWN', 'fix'))
    const message = expect.stringContaining('pbk_test')
    expect(unknown).toMatchObject({ issues: [{ path: '/playbookId', message }] })
  })

  it.each([2, 4])('[PCH-6] base version %s is not the active one', (baseVersion) => {
    const decision = decide(patch([replaceWind], { baseVersion }))
    expect(decision).toEqual(refused('PLAYBOOK_VERSION_MISMATCH', 'rebase'))
    const message = expect.stringMatching(`Version 3 is active.* for version ${baseVersion}:`)
    expect(decision).toMatchObject({ message })
  })

  it.each([
    ['retired', { retired: true }],
    ['four_eyes', { fourEyes: true }],
    ['retired', { retired: true, fourEyes: true }],
  ] as const)('[PCH-7, CNF-14, PUB-5, PUB-11] refuses with the reason %s', (reason, given) => {
    const decision = decide(patch([replaceWind]), given)
    expect(decision).toEqual(NOT_ALLOWED)
    expect(decision).toMatchObject({ issues: [{ path: '/operations' }] })
    expect(decision).toHaveProperty('reason', reason)
    // A base that has moved on is rebased first.
    expect(decide(patch([replaceWind], { baseVersion: 2 }), given)).toEqual(
      refused('PLAYBOOK_VERSION_MISMATCH', 'rebase'),
    )
  })

  it.each([
    ['the parent of an editable path', at('/constraints')],
    ['a neighbor', at('/constraints/avoidInversion')],
    ['a path that only begins with the same letters', at('/constraints/maxWindKphX')],
    ['the rule', at('')],
    ['the rules', '/rules'],
    ['the document', ''],
    ['the version', '/version'],
    ['what bounds it', at('/editablePaths/0')],
    ['an unknown rule', at('/action', 'rule_c')],
    ['a name of the language', '/rules/__proto__/action'],
    ["a place that only another rule's list opens", at('/constraints/maxWindKph', 'rule_b')],
  ])('[PCH-7, PCH-10] %s is not editable', (_, path) => {
    expect(apply({ op: 'replace', path, value: 9 })).toEqual(NOT_ALLOWED)
    const message = expect.stringContaining(`${path || 'the whole playbook'} is not at or below`)
    expect(apply(replaceWind, { op: 'add', path, value: 9 })).toMatchObject({
      issues: [{ path: '/operations/1/path', message }],
    })
  })

  it.each<[ActorName, unknown]>([
    ['author', NOT_ALLOWED],
    ['grantedService', NOT_ALLOWED],
    ['authorNowViewer', NOT_ALLOWED],
    ['agronomist', expect.objectContaining({ kind: 'accept' })],
    ['admin', expect.objectContaining({ kind: 'accept' })],
  ])('[PCH-7, ACC-9, ACC-10, ACC-11] a patch by %s', (by, expected) => {
    const own = patch([replaceWind], { requestedByDeviceId: ACTORS[by].deviceId })
    expect(decide(own, { by })).toEqual(expected)
  })

  it('[PCH-7, CNF-7] a role that may not patch is named, not a path', () => {
    const own = patch([replaceWind], { requestedByDeviceId: ACTORS.author.deviceId })
    expect(decide(own, { by: 'author' })).toMatchObject({
      message: expect.stringContaining('role may not edit playbooks'),
      issues: [{ path: '/operations', message: expect.stringContaining('for your role') }],
    })
  })

  it('[PCH-7, ACC-11] editable paths bind the admin too', () => {
    const own = patch([{ op: 'replace', path: '/version', value: 9 }], { requestedByDeviceId: 'dev_admin' })
    expect(decide(own, { by: 'admin' })).toEqual(NOT_ALLOWED)
  })

  it('[PCH-7] an operation at an editable item must not move the items behind it', () => {
    const item = at('/timing/weatherAdjustments/0', 'rule_b')
    const removed = apply({ op: 'remove', path: item })
    expect(removed).toEqual(NOT_ALLOWED)
    const next = at('/timing/weatherAdjustments/1/rationaleTag', 'rule_b')
    expect(removed).toMatchObject({
      issues: [{ path: '/operations', message: `${next}: would also change, and is not editable` }, {}],
    })
    expect(apply({ op: 'replace', path: `${item}/condition`, value: 'low' })).toMatchObject({
      kind: 'accept',
    })
    const adjustment = valueAt(PLAYBOOK, ['rules', 'rule_b', 'timing', 'weatherAdjustments', '1'])?.value
    expect(apply({ op: 'add', path: item, value: adjustment })).toEqual(NOT_ALLOWED)
    const end = at('/timing/weatherAdjustments/-', 'rule_b')
    expect(apply({ op: 'add', path: end, value: adjustment })).toMatchObject({ kind: 'accept' })
  })

  it('[CNF-7] a breach of the result is attributed to the last operation that touches its place', () => {
    const wind = (value: number) => ({ op: 'replace', path: WIND, value })
    const type = { op: 'replace', path: at('/action/type'), value: 'burn' }
    expect(apply(wind(9), type, wind(101), { ...type, value: 'dig' }, wind(102))).toMatchObject({
      issues: [{ path: '/operations/4' }, { path: '/operations/3' }],
    })
  })

  it.each([
    ['removing what is not there', { op: 'remove', path: at('/action/nothing') }],
    ['replacing what is not there', { op: 'replace', path: at('/action/nothing'), value: 1 }],
    ['an item behind the end', { op: 'add', path: at('/timing/weatherAdjustments/4'), value: {} }],
    ['a path through a number', { op: 'add', path: `${WIND}/unit`, value: 'kph' }],
  ])('[PCH-8] %s cannot apply', (_, operation) => {
    const decision = apply(replaceWind, operation)
    expect(decision).toEqual(INVALID)
    const message = expect.stringMatching(/^cannot be applied: ./)
    expect(decision).toMatchObject({ issues: [{ path: '/operations/1', message }] })
  })

  it.each([
    ['out of range', { op: 'replace', path: WIND, value: 101 }, WIND],
    ['of another type', { op: 'replace', path: WIND, value: '9' }, WIND],
    ['missing', { op: 'remove', path: at('/action/instructions') }, at('/action/instructions')],
    ['unknown', { op: 'add', path: at('/action/color'), value: 'red' }, at('/action/color')],
    [
      'a way to a prototype',
      { op: 'add', path: at('/action/__proto__'), value: { a: 1 } },
      at('/action/__proto__'),
    ],
    [
      'a constructor',
      { op: 'add', path: at('/action/constructor'), value: { a: 1 } },
      at('/action/constructor'),
    ],
    ['too deep', { op: 'replace', path: at('/action/type'), value: nested(70) }, at('/action/type')],
  ])('[PCH-8, CNF-7, SHP-7] a result in which something is %s breaks the shape', (_, operation, pointer) => {
    const decision = apply(operation)
    expect(decision).toEqual(INVALID)
    expect(decision).toMatchObject({
      issues: [{ path: '/operations/0', message: expect.stringContaining(pointer) }],
    })
  })

  it('[PCH-8] a result with more items than a record may hold breaks the shape', () => {
    const more = Array.from({ length: 198 }, () => ({
      op: 'add',
      path: at('/timing/weatherAdjustments/-'),
      value: {
        feature: 'windShearProxy',
        condition: '',
        shiftStartMinutes: 0,
        shiftEndMinutes: 0,
        rationaleTag: '',
      },
    }))
    expect(apply(...more)).toEqual(INVALID)
    expect(apply(...more.slice(1))).toMatchObject({ kind: 'accept' })
  })

  it('[PCH-9, PCH-12] an accepted patch makes the next version and changes nothing else', () => {
    const before = canonicalText(PLAYBOOK)
    expect(apply(replaceWind, { op: 'replace', path: at('/action/type'), value: 'monitor' })).toEqual({
      kind: 'accept',
      document: withRuleA((rule) => {
        rule.constraints.maxWindKph = 9
        rule.action.type = 'monitor'
      }),
      paths: [WIND, at('/action/type')],
    })
    expect(canonicalText(PLAYBOOK)).toBe(before)
  })

  it('[PCH-9] operations see what those before them did', () => {
    const first = at('/timing/weatherAdjustments/0')
    const decision = apply(
      { op: 'remove', path: first },
      { op: 'replace', path: `${first}/condition`, value: 'low' },
    )
    expect(decision).toMatchObject({
      document: withRuleA((rule) => {
        rule.timing.weatherAdjustments.shift()
        const [moved] = rule.timing.weatherAdjustments
        if (moved) moved.condition = 'low'
      }),
      paths: [at('/timing/weatherAdjustments'), `${first}/condition`],
    })
  })

  it('[PCH-7] a rule that is editable as a whole opens itself and nothing else', () => {
    const playbook = withRuleA((rule) => {
      rule.editablePaths = ['']
    })
    const sent = (path: string) =>
      decide(patch([{ op: 'add', path, value: 9 }], { baseVersion: 4 }), { playbook })
    expect(sent(WIND)).toMatchObject({ kind: 'accept' })
    for (const path of ['/version', '/version/rule_a', '/rules', at('/constraints/maxWindKph', 'rule_b')]) {
      expect(sent(path)).toEqual(NOT_ALLOWED)
    }
  })

  it('[PCH-11] a patch cannot widen its own bounds', () => {
    const open = withRuleA((rule) => rule.editablePaths.push(at('/editablePaths')))
    const widen = { op: 'add', path: at('/editablePaths/-'), value: at('/constraints') }
    const use = { op: 'replace', path: at('/constraints/avoidInversion'), value: false }
    const sent = patch([widen, use], { baseVersion: 4 })
    expect(decide(sent, { playbook: open })).toEqual(NOT_ALLOWED)
    const widened = decide(patch([widen], { baseVersion: 4 }), { playbook: open })
    if (widened.kind !== 'accept') throw new Error(`accept expected, got ${widened.kind}`)
    const used = decide(patch([use], { baseVersion: 5 }), { playbook: widened.document })
    expect(used).toMatchObject({ kind: 'accept', document: { version: 6 } })
  })

  it('names at most ten issues', () => {
    const decision = apply(...Array.from({ length: 30 }, () => ({ op: 'remove', path: '/version' })))
    expect(decision.kind === 'conflict' && decision.issues).toHaveLength(10)
  })
})

function nested(levels: number): unknown {
  return Array.from({ length: levels }).reduce<unknown>((inner) => ({ a: inner }), 1)
}

describe('the breaches of a patch', () => {
  const breaches = (...operations: unknown[]) => patchBreaches(PLAYBOOK, patch(operations).operations)

  it('[CNF-7] are the issues of its refusal, with a code, the value and its bound', () => {
    expect(breaches(replaceWind)).toEqual([])
    const tooHigh = { op: 'replace', path: WIND, value: 101 }
    const [breach] = breaches(tooHigh)
    expect(breach).toMatchObject({ code: 'number_large', bound: 100, pointer: WIND, path: '/operations/0' })
    const { path, message } = breach ?? {}
    expect(apply(tooHigh)).toMatchObject({ issues: [{ path, message }] })
  })

  it('[CNF-7] name a place that is not editable, and one that is not there', () => {
    const version = { op: 'replace', path: '/version', value: 9 }
    expect(breaches(version)).toMatchObject([{ code: 'not_editable', pointer: '/version' }])
    const noPointer = { op: 'remove', path: 'no pointer' } as unknown as PatchOperation
    expect(patchBreaches(PLAYBOOK, [noPointer])).toMatchObject([
      { code: 'not_editable', pointer: 'no pointer' },
    ])
    const path = `${WIND}/nothing`
    expect(breaches(replaceWind, { op: 'remove', path })).toMatchObject([
      { code: 'not_applicable', path: '/operations/1', pointer: path },
    ])
    const item = at('/timing/weatherAdjustments/0', 'rule_b')
    const moved = breaches({ op: 'remove', path: item })
    expect(moved.map(({ code }) => code)).toEqual(['not_editable', 'not_editable'])
  })

  it('[CNF-7] leave no code on the wire', () => {
    for (const decision of [
      apply({ op: 'replace', path: WIND, value: 101 }),
      apply({ op: 'remove', path: '/crop' }),
    ]) {
      const issues = 'issues' in decision ? (decision.issues ?? []) : []
      expect(issues.map((issue) => Object.keys(issue))).toEqual([['path', 'message']])
    }
  })
})
