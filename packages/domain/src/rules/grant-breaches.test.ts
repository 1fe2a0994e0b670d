import { Instant, PlaybookId, type PlaybookPatch, ROLES } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { GRANT_ACTIONS, type GrantAction, type PlaybookGrant } from '../access/playbook-grant.ts'
import { canonicalRecord } from '../canonical.ts'
import { ACTORS } from '../testing/actors.ts'
import { at, patch, PLAYBOOK } from '../testing/playbook-samples.ts'
import { decidePatch, patchBreaches } from './playbook-patch.ts'

const NOW = Instant.parse('2026-02-12T09:00:00.000Z')
const later = (ms: number): Date => new Date(Date.parse(NOW) + ms)
const WIND = at('/constraints/maxWindKph')
const LIST = at('/timing/weatherAdjustments')
const ITEM =
  PLAYBOOK.rules[Object.keys(PLAYBOOK.rules)[0] as keyof typeof PLAYBOOK.rules]?.timing.weatherAdjustments[0]

const grant = (part: Partial<PlaybookGrant> = {}): PlaybookGrant => ({
  playbookId: null,
  path: '',
  actions: ['edit', 'create', 'delete'],
  notBefore: null,
  expiresAt: null,
  ...part,
})

const decide = (
  grants: readonly PlaybookGrant[] | undefined,
  incoming: PlaybookPatch,
  actor: Parameters<typeof decidePatch>[0]['actor'] = ACTORS.agronomist,
) =>
  decidePatch({
    actor,
    playbook: PLAYBOOK,
    acceptedContent: undefined,
    grants,
    incoming: canonicalRecord(incoming),
    at: NOW,
  })

const issues = (grants: readonly PlaybookGrant[], ...operations: unknown[]): string[] => {
  const decision = decide(grants, patch(operations))
  if (decision.kind !== 'conflict') return [decision.kind]
  expect(decision).toMatchObject({
    code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED',
    resolution: 'fix',
    reason: 'grant',
  })
  return (decision.issues ?? []).map(({ path, message }) => `${path} ${message}`)
}

const setWind = { op: 'replace', path: WIND, value: 9 }

describe('a patch that grants do not cover', () => {
  it('[PCH-7, GRA-1] is a conflict with one issue for each operation concerned', () => {
    expect(issues([], setWind, { op: 'remove', path: `${LIST}/2` })).toEqual([
      `/operations/0 edit ${WIND}: is not granted to you`,
      `/operations/1 delete ${LIST}/2: is not granted to you`,
    ])
    expect(issues([grant({ path: WIND })], setWind, { op: 'remove', path: `${LIST}/2` })).toEqual([
      `/operations/1 delete ${LIST}/2: is not granted to you`,
    ])
    expect(issues([grant()], setWind)).toEqual(['accept'])
  })

  it('[PCH-7, GRA-3] counts the items that an operation moves, as its own', () => {
    const first = grant({ path: `${LIST}/0` })
    expect(issues([first], { op: 'remove', path: `${LIST}/0` })).toEqual([
      `/operations/0 edit ${LIST}/1/rationaleTag: is not granted to you (and 1 more)`,
    ])
    expect(
      issues([first, grant({ path: `${LIST}/3` })], { op: 'add', path: `${LIST}/1`, value: ITEM }),
    ).toEqual([`/operations/0 edit ${LIST}/1/rationaleTag: is not granted to you (and 1 more)`])
  })

  it('[PCH-7, GRA-3] is asked about what changes, however it is written', () => {
    const { instructions } = { instructions: 'Look' }
    const action = { ...PLAYBOOK.rules['rule_a' as keyof typeof PLAYBOOK.rules]?.action, instructions }
    const inside = grant({ path: at('/action/instructions'), actions: ['edit'] })
    // The whole subtree is replaced, and one text in it changes.
    expect(issues([inside], { op: 'replace', path: at('/action'), value: action })).toEqual(['accept'])
    expect(issues([inside], { op: 'add', path: at('/action'), value: action })).toEqual(['accept'])
    expect(
      issues([inside], { op: 'replace', path: at('/action'), value: { ...action, type: 'monitor' } }),
    ).toEqual([`/operations/0 edit ${at('/action/type')}: is not granted to you`])
    // Taken out and put back: nothing of it is gone.
    expect(
      issues(
        [inside],
        { op: 'remove', path: at('/action') },
        { op: 'add', path: at('/action'), value: action },
      ),
    ).toEqual(['accept'])
  })

  it('[GRA-5] names the instant of a grant that is not in force', () => {
    expect(issues([grant({ expiresAt: later(0) })], setWind)).toEqual([
      `/operations/0 edit ${WIND}: your grant ended at ${NOW}`,
    ])
    expect(issues([grant({ notBefore: later(1) })], setWind)).toEqual([
      `/operations/0 edit ${WIND}: your grant begins at ${later(1).toISOString()}`,
    ])
    expect(issues([grant({ expiresAt: later(1) })], setWind)).toEqual(['accept'])
    expect(issues([grant({ notBefore: later(0) })], setWind)).toEqual(['accept'])
  })

  it('[PCH-7, PCH-8] is refused for the playbook’s own bounds first, and before its values are looked at', () => {
    const outside = decide([], patch([{ op: 'replace', path: at('/issue'), value: 'mite' }]))
    expect(outside).not.toHaveProperty('reason')
    expect(outside).toMatchObject({ code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED' })
    const invalid = patch([{ ...setWind, value: 'strong' }])
    expect(decide([], invalid)).toMatchObject({ reason: 'grant' })
    expect(decide([grant()], invalid)).toMatchObject({ code: 'PLAYBOOK_PATCH_INVALID' })
  })

  it('[GRA-8] the server itself needs none, and a device that knows of none asks about none', () => {
    const own = patch([setWind], { requestedByDeviceId: ACTORS.system.deviceId })
    expect(decide([], own, ACTORS.system).kind).toBe('accept')
    expect(decide(undefined, patch([setWind])).kind).toBe('accept')
  })

  it('[ENG-36, GRA-1] is described to a device with its kind', () => {
    const granted = { grants: [], at: later(0) }
    expect(patchBreaches(PLAYBOOK, patch([setWind]).operations, granted)).toMatchObject([
      { code: 'not_granted', path: '/operations/0', pointer: WIND },
    ])
    expect(patchBreaches(PLAYBOOK, patch([setWind]).operations)).toEqual([])
  })
})

/** Every operation with the actions that it takes, at a place below which grants are tried. */
const OPERATIONS: readonly [string, unknown, readonly GrantAction[]][] = [
  ['replace a value', { op: 'replace', path: `${LIST}/2/rationaleTag`, value: 'other' }, ['edit']],
  ['append an item', { op: 'add', path: `${LIST}/-`, value: ITEM }, ['create']],
  ['remove the last item', { op: 'remove', path: `${LIST}/2` }, ['delete']],
  ['put an item in front', { op: 'add', path: `${LIST}/0`, value: ITEM }, ['edit', 'create']],
  ['remove the first item', { op: 'remove', path: `${LIST}/0` }, ['edit', 'delete']],
]
const PATHS: readonly [path: string, covers: boolean][] = [
  ['', true],
  ['/rules', true],
  [at(''), true],
  [LIST, true],
  [`${LIST}x`, false],
  [at('/timing/weatherAdjustments', 'rule_b'), false],
  [at('/timing~1weatherAdjustments'), false],
  [at('/timing/weatherAdjustments/'), false],
  [LIST.slice(1), false],
  [`${LIST}/*`, false],
  [`${LIST}/-`, false],
]
const SUBSETS = Array.from({ length: 2 ** GRANT_ACTIONS.length }, (_, bits) =>
  GRANT_ACTIONS.filter((_action, i) => bits & (1 << i)),
)
const PERIODS: readonly [notBefore: Date | null, expiresAt: Date | null, holds: boolean][] = [
  [null, null, true],
  [later(0), later(1), true],
  [later(1), null, false],
  [null, later(0), false],
]
const EDITORS = new Set(['agronomist', 'admin'])

const PLAYBOOKS = [null, PLAYBOOK.playbookId, PlaybookId.parse('pbk_other')]

it.each(ROLES)(
  '[GRA-1, GRA-2, GRA-3, GRA-4, GRA-5, GRA-8] %s × grant × operation: all must allow it',
  (role) => {
    const wrong: unknown[] = []
    let cells = 0
    for (const [, operation, takes] of OPERATIONS) {
      const incoming = patch([operation])
      const tryCells = ([path, covers]: (typeof PATHS)[number], actions: readonly GrantAction[]): void => {
        for (const [notBefore, expiresAt, holds] of PERIODS) {
          for (const playbookId of PLAYBOOKS) {
            const held = { playbookId, path, actions: actions, notBefore, expiresAt }
            const { kind } = decide([held], incoming, { ...ACTORS.agronomist, role })
            const granted =
              covers &&
              holds &&
              playbookId !== 'pbk_other' &&
              takes.every((action) => actions.includes(action))
            if (kind !== (granted && EDITORS.has(role) ? 'accept' : 'conflict'))
              wrong.push({ operation, held, kind })
            cells++
          }
        }
      }
      for (const place of PATHS) for (const actions of SUBSETS) tryCells(place, actions)
    }
    expect(wrong).toEqual([])
    expect(cells).toBe(5 * 11 * 16 * 4 * 3)
  },
)
