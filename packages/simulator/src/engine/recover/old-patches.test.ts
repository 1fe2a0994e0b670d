import { describe, expect, it } from 'vitest'

import type { TestDevice } from '../testing/test-device.ts'
import { testWorld } from '../testing/test-world.ts'

const DAY = 24 * 60 * 60_000
const PLAYBOOK = 'pbk_yolo_grape'

const wind = (rule: 'pm' | 'heat', value: number) => ({
  playbookId: PLAYBOOK,
  reason: `${rule} ${value}`,
  operations: [
    { op: 'replace' as const, path: `/rules/rule_${rule}_moderate/constraints/maxWindKph`, value },
  ],
})

const patchesOnlyOn = async (device: TestDevice): Promise<string[]> =>
  (await device.engine.localOnly.list()).flatMap(({ document }) =>
    'patchId' in document ? [document.reason] : [],
  )

/** Anna patched the playbook, others changed it since, and the server knows nothing of these 40 days. */
async function lostPatch() {
  const world = await testWorld()
  const { clock, server, anna, ben } = world
  await anna.sync()
  const backup = server.backup()
  await anna.engine.patchPlaybook(wind('pm', 7))
  await anna.sync()
  await ben.sync()
  clock.advance(40 * DAY)
  await ben.engine.patchPlaybook(wind('pm', 8))
  await ben.sync()
  await anna.sync()
  return { ...world, backup }
}

describe('a patch that was acknowledged long ago, after a restore', () => {
  it('[ENG-62, ENG-41] stays on its device, marked, where the server has made another version in its place', async () => {
    const { server, anna, backup, device } = await lostPatch()
    server.restore(backup)
    const cleo = await device('cleo')
    await cleo.sync()
    await cleo.engine.patchPlaybook(wind('heat', 9))
    await cleo.sync()
    await anna.sync()
    expect(await patchesOnlyOn(anna)).toEqual(['pm 7'])
    expect(anna.eventsOf('localOnly').flatMap(({ records }) => records.map(({ type }) => type))).toContain(
      'playbookPatch',
    )
    // It is a question alone: nothing is applied, and nobody has to decide.
    expect(server.playbook()).toMatchObject({
      version: 4,
      rules: { rule_heat_moderate: { constraints: { maxWindKph: 9 } } },
    })
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
    await anna.sync()
    expect(server.reports.flatMap(({ resolved }) => resolved ?? [])).toMatchObject([
      { resolution: 'accept_server' },
    ])
    expect(await anna.engine.localOnly.resendOwn()).toBe(1)
    await anna.sync()
    expect(server.playbook()).toMatchObject({
      version: 5,
      rules: { rule_pm_moderate: { constraints: { maxWindKph: 7 } } },
    })
    expect(await patchesOnlyOn(anna)).toEqual([])
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-62, ENG-15] stays marked through another full pull, which ends', async () => {
    const { server, anna, backup, device } = await lostPatch()
    server.restore(backup)
    const cleo = await device('cleo')
    await cleo.sync()
    await cleo.engine.patchPlaybook(wind('heat', 9))
    await cleo.sync()
    await anna.sync()
    const { localOnly } = anna.engine.status()
    server.refuseCursors()
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, localOnly })
    expect(await patchesOnlyOn(anna)).toEqual(['pm 7'])
    expect(anna.position.stateHash).toBe(server.stateHash())
  })

  it('[ENG-62] is not marked where the server still has it, whatever was patched since', async () => {
    const { server, anna } = await lostPatch()
    await anna.engine.patchPlaybook(wind('heat', 9))
    server.refuseCursors()
    await anna.sync()
    expect(await patchesOnlyOn(anna)).toEqual([])
    expect(server.playbook()).toMatchObject({ version: 6 })
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0, localOnly: 0 })
    expect(anna.eventsOf('rebased')).toEqual([])
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-62] is in no one’s way while the question waits', async () => {
    const { server, anna } = await lostPatch()
    server.refuseCursors()
    anna.link.instead = ({ body }) => (body.includes('pm 7') ? { status: 503, body: 'away' } : null)
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 1 })
    expect(await anna.engine.record('playbook', PLAYBOOK)).toMatchObject({
      document: { version: 5, rules: { rule_pm_moderate: { constraints: { maxWindKph: 8 } } } },
    })
    expect(await anna.engine.patchPlaybook(wind('heat', 9))).toMatchObject({
      ok: true,
      record: { local: { baseVersion: 5 } },
    })
    anna.link.instead = null
    await anna.sync()
    expect(server.playbook()).toMatchObject({ version: 6 })
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0, localOnly: 0 })
  })

  it('[ENG-62] is not applied where the server was restored once more before it was asked', async () => {
    const { server, anna, backup } = await lostPatch()
    server.refuseCursors()
    anna.link.instead = ({ body }) => (body.includes('pm 7') ? { status: 503, body: 'away' } : null)
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 1 })
    anna.link.instead = null
    server.restore(backup)
    await anna.sync()
    expect(server.playbook()).toMatchObject({ version: 3 })
    expect(await patchesOnlyOn(anna)).toEqual(['pm 7'])
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
    expect(await anna.findings()).toEqual([])
  })
})
