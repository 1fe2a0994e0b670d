import type { PlaybookPatch } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { testWorld } from '../testing/test-world.ts'

type Rule = 'pm' | 'heat'
const patch = (rule: Rule, value: number) => ({
  playbookId: 'pbk_yolo_grape',
  reason: `${rule} ${value}`,
  operations: [
    { op: 'replace' as const, path: `/rules/rule_${rule}_moderate/constraints/maxWindKph`, value },
  ],
})
const settled = { state: 'idle', pending: 0, conflicts: 0 }

async function farm() {
  const world = await testWorld()
  await world.anna.sync()
  await world.ben.sync()
  const winds = () =>
    (['pm', 'heat'] as const).map((rule) => world.server.playbook()?.rules[`rule_${rule}_moderate` as never])
  const values = () =>
    winds().map((rule) => (rule as { constraints: { maxWindKph: number } }).constraints.maxWindKph)
  return { ...world, values }
}

describe('patches that met other versions', () => {
  it('[ENG-16, CNF-5] one that does not overlap goes out again by itself, under a new id, with the chain behind it', async () => {
    const { server, anna, ben, values } = await farm()
    await ben.engine.patchPlaybook(patch('heat', 9))
    await ben.sync()
    const first = await anna.engine.patchPlaybook(patch('pm', 10))
    await anna.engine.patchPlaybook(patch('pm', 11))
    await anna.sync()
    expect(values()).toEqual([11, 9])
    expect(server.playbook()?.version).toBe(6)
    expect(anna.engine.status()).toMatchObject(settled)
    const rebased = anna.eventsOf('rebased')
    expect(rebased).toMatchObject([{ from: first.ok && first.record.id }])
    expect(server.reports.flatMap(({ resolved }) => resolved ?? [])).toMatchObject([{ resolution: 'rebase' }])
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-2] a playbook is shown with the patches that wait, also offline', async () => {
    const { anna } = await farm()
    await anna.engine.patchPlaybook(patch('pm', 10))
    await anna.engine.patchPlaybook(patch('heat', 11))
    const [shown] = await anna.engine.records('playbook')
    expect(shown).toMatchObject({
      status: 'pending',
      server: { version: 3 },
      document: {
        version: 5,
        rules: {
          rule_pm_moderate: { constraints: { maxWindKph: 10 } },
          rule_heat_moderate: { constraints: { maxWindKph: 11 } },
        },
      },
    })
    await anna.sync()
    expect(await anna.engine.record('playbook', 'pbk_yolo_grape')).toMatchObject({ document: { version: 5 } })
  })

  it('[ENG-16] one that overlaps waits for a person, with the chain behind it; rebased by hand both go', async () => {
    const { anna, ben, values } = await farm()
    await ben.engine.patchPlaybook(patch('pm', 9))
    await ben.sync()
    await anna.engine.patchPlaybook(patch('pm', 10))
    await anna.engine.patchPlaybook(patch('heat', 11))
    await anna.sync()
    expect(values()).toEqual([9, 15])
    expect(anna.engine.status()).toMatchObject({ pending: 1, conflicts: 1 })
    const [conflict] = await anna.engine.conflicts()
    expect(conflict).toMatchObject({
      conflict: { code: 'PLAYBOOK_VERSION_MISMATCH', playbook: { overlapping: true } },
    })
    await anna.engine.resolve.rebase(conflict?.id ?? '')
    await anna.sync()
    expect(values()).toEqual([10, 11])
    expect(anna.engine.status()).toMatchObject(settled)
  })

  it('[ENG-16] discarding one puts the chain behind it on the active version, up to what touches the others’ change', async () => {
    const { anna, ben, values } = await farm()
    await ben.engine.patchPlaybook(patch('pm', 9))
    await ben.sync()
    await anna.engine.patchPlaybook(patch('pm', 10))
    await anna.engine.patchPlaybook(patch('heat', 11))
    await anna.engine.patchPlaybook(patch('pm', 12))
    await anna.sync()
    const [conflict] = await anna.engine.conflicts()
    await anna.engine.resolve.discard(conflict?.id ?? '')
    await anna.sync()
    expect(values()).toEqual([9, 11])
    const [second] = await anna.engine.conflicts()
    expect(second).toMatchObject({ losing: { reason: 'pm 12' } })
    await anna.engine.resolve.rebase(second?.id ?? '')
    await anna.sync()
    expect(values()).toEqual([12, 11])
    expect(anna.engine.status()).toMatchObject(settled)
  })

  it('[ENG-16] of a chain in one batch that met others’ versions on the way, none lands by accident', async () => {
    const { anna, ben, values } = await farm()
    await anna.engine.patchPlaybook(patch('pm', 10))
    await anna.engine.patchPlaybook(patch('pm', 11))
    // Between the pull that asks and the batch that sends, Ben gets in.
    anna.link.next(async (answer) => {
      await ben.engine.patchPlaybook(patch('heat', 9))
      await ben.sync()
      return answer
    })
    await anna.sync()
    // The second link fitted Ben's version; the first now overlaps it and is shown to a person.
    expect(values()).toEqual([11, 9])
    expect(await anna.engine.conflicts()).toMatchObject([{ losing: { reason: 'pm 10' } }])
    const [conflict] = await anna.engine.conflicts()
    await anna.engine.resolve.acceptServer(conflict?.id ?? '')
    await anna.sync()
    expect(values()).toEqual([11, 9])
    expect(anna.engine.status()).toMatchObject(settled)
  })

  it('[ENG-17] an id that is taken is renamed, a forbidden path is fixed, both in their place of the chain', async () => {
    const { server, anna, values } = await farm()
    const first = await anna.engine.patchPlaybook(patch('pm', 10))
    // The server has that id for another patch.
    server.damage(({ patches }) => {
      const attempt = {
        deviceId: 'dev_ben',
        oldVersion: 2,
        newVersion: 3,
        receivedAt: '2026-02-11T12:00:00Z',
      }
      const other = { ...(first.ok ? first.record.local : null), reason: 'other' } as PlaybookPatch
      patches.push({ ...attempt, patch: other, outcome: 'applied', code: null })
    })
    await anna.engine.patchPlaybook({
      ...patch('pm', 11),
      operations: [{ op: 'replace', path: '/version', value: 9 }],
    })
    await anna.engine.patchPlaybook(patch('heat', 12))
    await anna.sync()
    const conflicts = await anna.engine.conflicts()
    const codeOf = (each: (typeof conflicts)[number]) => (each.kind === 'server' ? each.conflict.code : null)
    const taken = conflicts.find((each) => codeOf(each) === 'PATCH_ID_REUSED')
    const others = conflicts.filter((each) => each !== taken)
    expect(await anna.engine.resolve.rename(taken?.id ?? '')).toMatchObject({ ok: true })
    for (const each of others) {
      const losing = each.losing as PlaybookPatch
      const { id } = each
      if (losing.reason !== 'pm 11') await anna.engine.resolve.rebase(id)
      else await anna.engine.resolve.fix(id, { ...losing, operations: patch('pm', 11).operations })
    }
    await anna.sync()
    expect(await anna.findings()).toEqual([])
    expect(values()).toEqual([11, 12])
    expect(anna.engine.status()).toMatchObject(settled)
  })

  it('[ENG-16, GUA-6] two devices that patch at the same time for a while both get through, without a gap', async () => {
    const { server, anna, ben } = await farm()
    for (let round = 0; round < 6; round++) {
      await anna.engine.patchPlaybook(patch('pm', 10 + round))
      await ben.engine.patchPlaybook(patch('heat', 10 + round))
      await anna.sync()
      await ben.sync()
    }
    expect(server.state.versions.map(({ document }) => document.version)).toEqual(
      Array.from({ length: 13 }, (_, i) => 3 + i),
    )
    await anna.sync()
    for (const { engine, position } of [anna, ben]) {
      expect(engine.status()).toMatchObject(settled)
      expect(position.stateHash).toBe(server.stateHash())
    }
  })
})
