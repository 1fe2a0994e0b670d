import { type PatchId, Playbook, PlaybookPatch, WorkspaceId } from '@fieldsync/contracts'
import type { Actor } from '@fieldsync/domain'
import { playbook, playbookPatch, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { deviceStore } from '../testing/device-store.ts'
import type { Changeset } from './changeset.ts'
import type { OutboxEntry } from './local-record.ts'
import { sequenceKey } from './local-store.ts'
import {
  likelyPatchConflict,
  nextBase,
  patchChain,
  rebuildChain,
  supersededOperations,
  withUnsent,
} from './patch-chain.ts'

const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
const HEAT = '/rules/rule_heat_moderate/constraints/maxWindKph'

const rules = Playbook.parse(playbook({ version: 3 }))
const { playbookId } = rules
const random = seededRandom(1)
const actor: Actor = {
  kind: 'device',
  workspaceId: WorkspaceId.parse('ws_test'),
  deviceId: PlaybookPatch.parse(playbookPatch({}, random)).requestedByDeviceId,
  role: 'agronomist',
}

/** A patch that sets one wind limit. */
const patch = (baseVersion: number, path = WIND, value = 9): PlaybookPatch =>
  PlaybookPatch.parse(playbookPatch({ baseVersion, operations: [{ op: 'replace', path, value }] }, random))

const windOf = ({ rules: all }: Playbook, rule: 'pm' | 'heat') =>
  all[`rule_${rule}_moderate` as keyof typeof all]?.constraints.maxWindKph

describe('a playbook with the patches that wait', () => {
  it('[ENG-2] shows them one on top of the other, up to the first that no longer fits', () => {
    const shown = withUnsent({ actor }, rules, [patch(3), patch(4, HEAT, 20)])
    expect([shown.version, windOf(shown, 'pm'), windOf(shown, 'heat')]).toEqual([5, 9, 20])
    const cut = withUnsent({ actor }, rules, [patch(3), patch(7, HEAT, 20), patch(4, HEAT, 21)])
    expect([cut.version, windOf(cut, 'heat')]).toEqual([4, 15])
    expect(withUnsent({ actor }, rules, [])).toBe(rules)
  })

  it.each([
    ['behind nothing', [], patch(3), null],
    ['behind one that waits', [patch(3)], patch(4), null],
    ['on another version', [], patch(2), 'PLAYBOOK_VERSION_MISMATCH'],
    ['on a version that one that waits has changed', [patch(3)], patch(3), 'PLAYBOOK_VERSION_MISMATCH'],
    ['with a value that its rule does not take', [patch(3)], patch(4, WIND, 900), 'PLAYBOOK_PATCH_INVALID'],
    ['behind one that no longer fits: only the server knows', [patch(7)], patch(4, WIND, 900), null],
  ] as const)('[ENG-23] a patch has its likely conflict: %s', (_, waiting, incoming, code) => {
    const chain = waiting.map((each) => ({ patch: each }))
    expect(likelyPatchConflict({ actor }, rules, chain, incoming)?.code ?? null).toBe(code)
  })

  it('[ENG-23, PUB-11] of a patch where changes take a second person, also behind one that waits', () => {
    const writer = { actor, fourEyes: true }
    const expected = { code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED', resolution: 'fix', reason: 'four_eyes' }
    expect(likelyPatchConflict(writer, rules, [], patch(3))).toMatchObject(expected)
    expect(likelyPatchConflict({ ...writer, fourEyes: false }, rules, [], patch(3))).toBeNull()
    // Those that wait will not be taken: what is shown is the server's.
    expect(withUnsent(writer, rules, [patch(3)])).toBe(rules)
  })

  it('[ENG-23, GRA-15] of a patch that the device was not granted, by the time at which it was written', () => {
    const incoming = patch(3)
    const { requestedAt } = incoming
    const until = (expiresAt: Date | null) => [
      { playbookId: null, path: WIND, actions: ['edit'] as const, notBefore: null, expiresAt },
    ]
    const likely = (grants: ReturnType<typeof until> | [] | undefined) =>
      likelyPatchConflict({ actor, grants }, rules, [], incoming)
    expect(likely([])).toMatchObject({ code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED', reason: 'grant' })
    expect(likely(until(new Date(requestedAt)))).toMatchObject({ reason: 'grant' })
    expect(likely(until(new Date(Date.parse(requestedAt) + 1)))).toBeNull()
    expect(likely(until(null))).toBeNull()
    // A server that names no grants has none.
    expect(likely(undefined)).toBeNull()
  })

  it('[ENG-23] a patch on a playbook that is not here is unknown to the server, as far as is known', () => {
    expect(likelyPatchConflict({ actor }, null, [], patch(3))?.code).toBe('PLAYBOOK_UNKNOWN')
  })

  it('[ENG-2] the next one builds on the last, else on the server’s version, else on nothing', () => {
    const waits = [{ patch: patch(3) }, { patch: patch(7) }]
    expect(nextBase(rules, waits)).toBe(8)
    expect(nextBase(null, waits)).toBe(8)
    expect(nextBase(rules, [])).toBe(3)
    expect(nextBase(null, [])).toBeNull()
  })

  it('[ENG-62] what only asks whether the server still has a patch is not among them', async () => {
    const { change } = await deviceStore()
    const asks = patch(3)
    const waits = patch(3)
    await change(async (changeset) => {
      await queue(changeset, asks, { asks: true })
      const key = await queue(changeset, waits)
      expect(await patchChain(changeset, playbookId)).toEqual([{ key, patch: waits }])
    })
  })
})

describe('an operation of a patch on an older version', () => {
  const list = '/rules/rule_pm_moderate/timing/weatherAdjustments'
  const newest = Playbook.parse(playbook({ version: 4 }))
  const rule = newest.rules['rule_pm_moderate' as keyof typeof newest.rules]
  if (!rule) throw new Error('no such rule')
  rule.constraints.maxWindKph = 14
  rule.timing.weatherAdjustments.pop()
  const adjustment = rule.timing.weatherAdjustments[0]

  it.each([
    ['sets what others set to another value', 'replace', WIND, 9, true],
    ['sets what others set to the same', 'replace', WIND, 14, false],
    ['sets what nobody touched', 'replace', HEAT, 20, false],
    ['removes what others set', 'remove', WIND, undefined, true],
    ['removes what others set, whatever value it names', 'remove', WIND, 14, true],
    ['removes what others removed', 'remove', `${list}/1`, undefined, true],
    ['removes what was never there', 'remove', '/rules/none/constraints', undefined, false],
    ['adds to a list that others changed', 'add', `${list}/-`, adjustment, true],
    [
      'adds to a list that nobody touched',
      'add',
      '/rules/rule_heat_moderate/timing/weatherAdjustments/-',
      adjustment,
      false,
    ],
    ['adds a list that others made the same', 'add', list, rule.timing.weatherAdjustments, false],
    ['adds to a list all that it has by now', 'add', `${list}/-`, rule.timing.weatherAdjustments, true],
    ['names no place', 'replace', 'rules', 9, false],
  ])('[ENG-38] %s', (_, op, path, value, isSuperseded) => {
    const fine = { op: 'replace', path: HEAT, value: 20 }
    const found = supersededOperations([fine, { op, path, value }], rules, newest)
    expect(found).toEqual(isSuperseded ? [1] : [])
  })
})

describe('patches that go back into the line', () => {
  const untouched = { paths: [], since: 1 }

  it('[ENG-16] go where they were written: behind what waits in front, with what is behind on top of them', async () => {
    const device = await deviceStore()
    const [front, moved, behind] = [patch(5), patch(3), patch(6, HEAT)]
    await device.change(async (changeset) => {
      await queue(changeset, front, { since: place(1) })
      await queue(changeset, behind, { since: place(3), writtenAt: 33 })
      await rebuildChain(
        changeset,
        playbookId,
        place(2),
        [{ patch: moved, place: place(2), writtenAt: 22 }],
        3,
        untouched,
      )
    })
    expect(lineOf(device.tables())).toEqual([
      { patch: front, since: place(1), writtenAt: 1 },
      { patch: { ...moved, baseVersion: 6 }, since: place(2), writtenAt: 22 },
      { patch: { ...behind, baseVersion: 7 }, since: place(3), writtenAt: 33 },
    ])
    expect(device.findings()).toEqual([])
  })

  it('[ENG-16] build on the version that is given where nothing waits in front, in the order of their places', async () => {
    const device = await deviceStore()
    const [one, two, three] = [patch(3), patch(3), patch(9)]
    await device.change(async (changeset) => {
      await queue(changeset, three, { since: place(5) })
      const moved = [
        { patch: two, place: place(4), writtenAt: 2 },
        { patch: one, place: place(2), writtenAt: 1 },
      ]
      await rebuildChain(changeset, playbookId, place(2), moved, 8, untouched)
    })
    expect(lineOf(device.tables()).map(({ patch: each }) => [each.patchId, each.baseVersion])).toEqual([
      [one.patchId, 8],
      [two.patchId, 9],
      [three.patchId, 10],
    ])
  })

  it('[ENG-16] that touch what others changed go back to the version before, as all behind them', async () => {
    const device = await deviceStore()
    const waits = [patch(3, HEAT), patch(4, WIND), patch(5, HEAT)]
    const moved = patch(3)
    await device.change(async (changeset) => {
      for (const each of waits) await queue(changeset, each)
      await rebuildChain(
        changeset,
        playbookId,
        place(0),
        [{ patch: moved, place: place(9), writtenAt: 9 }],
        7,
        {
          paths: [WIND],
          since: 2,
        },
      )
    })
    expect(lineOf(device.tables()).map(({ patch: { baseVersion } }) => baseVersion)).toEqual([7, 2, 2, 8])
  })

  it('[ENG-16] begin with the one that was written there', async () => {
    const device = await deviceStore()
    await device.change(async (changeset) => {
      await queue(changeset, patch(3), { since: place(2) })
      await rebuildChain(changeset, playbookId, place(2), [], 8, untouched)
    })
    expect(lineOf(device.tables()).map(({ patch: { baseVersion } }) => baseVersion)).toEqual([8])
  })

  it.each(['unsettled', 'on its way'])(
    '[ENG-16] leave alone what may have been decided on: %s',
    async (why) => {
      const device = await deviceStore()
      const [sent, waits] = [patch(3), patch(4)]
      await device.change(async (changeset) => {
        const key = await queue(changeset, sent)
        await queue(changeset, waits)
        if (why === 'unsettled') changeset.queue.unsettledBefore = 2
        else changeset.put({ ...changeset.record('playbookPatch', sent.patchId), inFlight: 1 })
        await rebuildChain(changeset, playbookId, place(0), [], 8, untouched)
        expect(changeset.record('playbookPatch', sent.patchId).queued).toEqual([key])
      })
      expect(lineOf(device.tables()).map(({ patch: { baseVersion } }) => baseVersion)).toEqual([3, 8])
    },
  )

  it('[ENG-16] leave all alone where the last may have been decided on', async () => {
    const device = await deviceStore()
    await device.change(async (changeset) => {
      await queue(changeset, patch(3))
      changeset.queue.unsettledBefore = 2
      await rebuildChain(changeset, playbookId, place(0), [], 8, untouched)
    })
    expect(lineOf(device.tables()).map(({ patch: { baseVersion } }) => baseVersion)).toEqual([3])
  })
})

const place = (sequence: number): string => sequenceKey(sequence)

/** Queues a patch. @returns its place in the outbox */
async function queue(
  changeset: Changeset,
  document: PlaybookPatch,
  more: Partial<OutboxEntry> = {},
): Promise<string> {
  const id: PatchId = document.patchId
  await changeset.load([
    { type: 'playbook', id: playbookId },
    { type: 'playbookPatch', id },
  ])
  changeset.enqueue({ type: 'playbookPatch', id, document, writtenAt: 1, ...more })
  return changeset.record('playbookPatch', id).queued.at(-1) ?? ''
}

const lineOf = ({ outbox }: { outbox: Map<string, OutboxEntry> }) =>
  [...outbox.values()].map(({ document, since, writtenAt }) => ({
    patch: document as PlaybookPatch,
    since,
    writtenAt,
  }))
