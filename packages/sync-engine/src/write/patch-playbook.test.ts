import { Playbook, PlaybookPatch } from '@fieldsync/contracts'
import { playbook, playbookPatch, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { Changeset } from '../core/changeset.ts'
import { sequenceKey } from '../core/local-store.ts'
import { parked } from '../testing/conflicts.ts'
import { type DeviceStore, deviceStore, NOW } from '../testing/device-store.ts'
import { patchPlaybook, previewPatch } from './patch-playbook.ts'

const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
const rules = Playbook.parse(playbook({ version: 5 }))
const { playbookId } = rules
const ofPlaybook = { type: 'playbook', id: playbookId } as const
const draft = (value = 9) => ({
  playbookId,
  reason: 'gusts',
  operations: [{ op: 'replace' as const, path: WIND, value }],
})
const windOf = (version: number, maxWindKph: number): Playbook => {
  const changed = Playbook.parse(playbook({ version }))
  const rule = changed.rules['rule_pm_moderate' as keyof typeof changed.rules]
  if (rule) rule.constraints.maxWindKph = maxWindKph
  return changed
}
const waiting = PlaybookPatch.parse(playbookPatch({ baseVersion: 5 }, seededRandom(1)))
const NEW = { type: 'playbookPatch', id: 'pch_20260211_9000' } as const

/** A device that has the server's playbook. */
async function deviceWith(server: Playbook | null, more?: (changeset: Changeset) => Promise<void>) {
  const device = await deviceStore()
  await device.change(async (changeset) => {
    await changeset.load([ofPlaybook])
    if (server) changeset.putServer('playbook', playbookId, server)
    await more?.(changeset)
  })
  return device
}
const queueWaiting = async (changeset: Changeset) => {
  const id = waiting.patchId
  await changeset.load([{ type: 'playbookPatch', id }])
  changeset.enqueue({ type: 'playbookPatch', id, document: waiting, writtenAt: 1 })
}
const bases = ({ tables }: DeviceStore) =>
  [...tables().outbox.values()].map(({ document }) => (document as PlaybookPatch).baseVersion)

describe('a patch on a playbook', () => {
  it('[ENG-2] is stored and queued on the version on the device, and published once it is stored', async () => {
    const device = await deviceWith(rules)
    const outcome = await patchPlaybook(device.context, draft())
    const document = {
      ...draft(),
      patchId: NEW.id,
      baseVersion: 5,
      requestedByDeviceId: 'dev_scout_1',
      requestedAt: '2026-02-11T20:00:00.000Z',
    }
    expect(outcome).toMatchObject({
      ok: true,
      record: { ...NEW, local: document, queued: [sequenceKey(1)] },
      likelyConflict: null,
      conflictId: null,
    })
    expect([...device.tables().outbox.values()]).toEqual([{ ...NEW, document, writtenAt: NOW }])
    expect(device.events).toEqual([{ kind: 'saved', record: NEW }])
    expect(device.findings()).toEqual([])
  })

  it('[ENG-2] builds on the one that waits', async () => {
    const device = await deviceWith(rules, queueWaiting)
    await patchPlaybook(device.context, draft())
    expect(bases(device)).toEqual([5, 6])
  })

  it('[ENG-23] has its likely conflict, in a preview too, but not where the playbook waits for a person', async () => {
    const device = await deviceWith(rules)
    const likelyConflict = { code: 'PLAYBOOK_PATCH_INVALID' }
    expect(await previewPatch(device.context, draft(900))).toMatchObject({ ok: true, likelyConflict })
    expect(device.tables().outbox.size).toBe(0)
    expect(await patchPlaybook(device.context, draft(900))).toMatchObject({ ok: true, likelyConflict })
    const blocked = await deviceWith(rules, async (changeset) => {
      await changeset.load([{ type: 'playbookPatch', id: waiting.patchId }])
      changeset.addConflict(parked(waiting))
    })
    expect(await previewPatch(blocked.context, draft(900))).toEqual({ ok: true, likelyConflict: null })
  })

  const other = { ...rules, playbookId: 'pbk_other' as Playbook['playbookId'] }

  it.each<[string, Playbook | null, object, Playbook | undefined, object]>([
    [
      'names none',
      rules,
      { playbookId: '../x' },
      undefined,
      { path: '/playbookId', message: 'is no id of a playbook', code: 'wrong_id' },
    ],
    [
      'names a version of another',
      rules,
      {},
      other,
      { path: '/playbookId', message: 'is not the one of basedOn', code: 'other_base' },
    ],
    [
      'names one that is not here',
      null,
      {},
      undefined,
      { path: '/playbookId', message: 'is not on this device yet', code: 'not_here' },
    ],
    [
      'breaks the contract',
      rules,
      { reason: '' },
      undefined,
      expect.objectContaining({ path: '/reason', code: 'text_empty' }),
    ],
  ])('[ENG-24, ENG-37] that %s is refused, in a preview too', async (_, server, changes, basedOn, issue) => {
    const device = await deviceWith(server)
    for (const write of [patchPlaybook, previewPatch]) {
      const outcome = await write(device.context, { ...draft(), ...changes }, basedOn && { basedOn })
      expect(outcome).toEqual({ ok: false, issues: [issue] })
    }
    expect(device.tables().outbox.size).toBe(0)
    expect(device.events).toEqual([])
  })
})

describe('a patch on a version that is no longer the newest', () => {
  const newest = windOf(6, 14)
  const met = {
    code: 'PLAYBOOK_VERSION_MISMATCH',
    resolution: 'rebase',
    message: 'What this changes was also changed meanwhile: choose one of the two values.',
  }
  const issues = [
    { path: '/operations/0', message: 'sets a value that was changed meanwhile, to another one' },
  ]

  it('[ENG-38] waits for a person, on the version that it was made of, beside the newest', async () => {
    const device = await deviceWith(newest)
    expect(await previewPatch(device.context, draft(), { basedOn: rules })).toEqual({
      ok: true,
      likelyConflict: { ...met, issues },
    })
    const outcome = await patchPlaybook(device.context, draft(), { basedOn: rules })
    const [conflict] = device.tables().conflicts.values()
    expect(outcome).toMatchObject({ ok: true, likelyConflict: { ...met, issues }, conflictId: conflict?.id })
    expect(conflict).toMatchObject({
      ...met,
      kind: 'local',
      type: 'playbookPatch',
      losing: { baseVersion: 5 },
      server: null,
      playbook: newest,
      foundAt: NOW,
    })
    expect(device.tables().outbox.size).toBe(0)
    expect(device.events).toMatchObject([{ kind: 'saved' }, { kind: 'conflict', conflict }])
    expect(device.findings()).toEqual([])
  })

  it('[ENG-38] meets what waits here as well', async () => {
    const device = await deviceWith(rules, queueWaiting)
    const outcome = await patchPlaybook(device.context, draft(30), { basedOn: rules })
    expect(outcome).toMatchObject({ ok: true, likelyConflict: met })
    expect([...device.tables().conflicts.values()]).toMatchObject([{ playbook: { version: 6 } }])
  })

  it('[ENG-38] goes out where it changes something else, or to the same', async () => {
    const device = await deviceWith(newest)
    expect(await patchPlaybook(device.context, draft(14), { basedOn: rules })).toMatchObject({
      conflictId: null,
    })
    const heat = {
      op: 'replace' as const,
      path: '/rules/rule_heat_moderate/constraints/maxWindKph',
      value: 20,
    }
    const other = { ...draft(), operations: [heat] }
    expect(await patchPlaybook(device.context, other, { basedOn: rules })).toMatchObject({ conflictId: null })
    expect(bases(device)).toEqual([6, 7])
  })
})
