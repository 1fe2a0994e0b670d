import { describe, expect, it } from 'vitest'

import type { TestDevice } from '../testing/test-device.ts'
import type { TestServer } from '../testing/test-server.ts'
import { testWorld } from '../testing/test-world.ts'

const DAY = 24 * 60 * 60_000
const PLAYBOOK = 'pbk_yolo_grape'

const wind = (value: number) => ({
  playbookId: PLAYBOOK,
  reason: `wind ${value}`,
  operations: [{ op: 'replace' as const, path: '/rules/rule_pm_moderate/constraints/maxWindKph', value }],
})

describe('versions that a restored server no longer has', () => {
  /** Corrections of 40 days ago behind a backup, as both phones know them. */
  async function lostCorrections(server: TestServer, anna: TestDevice, ben: TestDevice) {
    const note = await anna.saved({ status: 'confirmed' })
    await anna.sync()
    const backup = server.backup()
    const { observationId } = note
    for (const text of ['once', 'twice']) {
      await anna.engine.correct(observationId, { rawNoteText: text }, text)
      await anna.sync()
      await ben.sync()
    }
    await anna.engine.correct(observationId, { rawNoteText: 'a third time' }, 'third')
    await anna.engine.correct(observationId, { rawNoteText: 'a fourth time' }, 'fourth')
    await anna.sync()
    await ben.sync()
    return { note, backup, observationId }
  }

  it('[ENG-42, ENG-44] of others and old ones stay beside the server’s, with the number of lost corrections', async () => {
    const { clock, server, anna, ben } = await testWorld()
    const { note, backup, observationId } = await lostCorrections(server, anna, ben)
    clock.advance(40 * DAY)
    server.restore(backup)
    for (const device of [anna, ben]) {
      await device.sync()
      expect(await device.engine.record('observation', observationId)).toMatchObject({
        status: 'synced',
        document: { rawNoteText: note.rawNoteText },
        localOnly: { rawNoteText: 'a fourth time' },
      })
      expect(device.engine.status().localOnly).toBe(1)
      expect(await device.findings()).toEqual([])
    }
    // Anna saw all four; Ben learned of the third and fourth as one version.
    expect(anna.eventsOf('correctionsLost')).toMatchObject([
      { records: [{ type: 'observation', id: observationId, corrections: 4 }] },
    ])
    expect(ben.eventsOf('correctionsLost')).toMatchObject([{ records: [{ corrections: 3 }] }])
    expect(await anna.engine.record('observation', observationId)).toMatchObject({ lostCorrections: 4 })
  })

  it('[ENG-44] that go out again by themselves bring back the last correction; those before it are reported', async () => {
    const { server, anna, ben } = await testWorld()
    const empty = server.backup()
    const { observationId } = await lostCorrections(server, anna, ben)
    server.restore(empty)
    await anna.sync()
    expect(server.observation(observationId)).toMatchObject({ rawNoteText: 'a fourth time' })
    expect(anna.eventsOf('correctionsLost')).toMatchObject([
      { records: [{ id: observationId, corrections: 3 }] },
    ])
    expect(await anna.engine.record('observation', observationId)).toMatchObject({
      status: 'synced',
      localOnly: null,
      lostCorrections: 3,
    })
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0, localOnly: 0 })
  })

  it('[ENG-42] a later version of the same history is no loss, whatever is pulled again', async () => {
    const { server, anna, ben } = await testWorld()
    const { observationId } = await lostCorrections(server, anna, ben)
    const draft = await anna.saved()
    await anna.sync()
    await ben.sync()
    server.refuseCursors()
    await anna.engine.correct(observationId, { rawNoteText: 'fifth' }, 'fifth')
    await anna.engine.saveObservation({ ...draft, rawNoteText: 'newer' })
    await anna.sync()
    await anna.engine.correct(observationId, { rawNoteText: 'sixth' }, 'sixth')
    await anna.sync()
    await ben.sync()
    expect(ben.engine.status()).toMatchObject({ localOnly: 0, conflicts: 0 })
    expect(ben.eventsOf('localOnly')).toEqual([])
    expect(ben.eventsOf('correctionsLost')).toEqual([])
    expect(ben.position.stateHash).toBe(server.stateHash())
  })

  it('[ENG-42] a newer draft of another device stays until the server has it, or a later one', async () => {
    const { clock, server, anna, ben } = await testWorld()
    const draft = await anna.saved()
    await anna.sync()
    const backup = server.backup()
    clock.advance(1000)
    await anna.engine.saveObservation({ ...draft, rawNoteText: 'newer' })
    await anna.sync()
    await ben.sync()
    server.restore(backup)
    await ben.sync()
    expect(await ben.engine.record('observation', draft.observationId)).toMatchObject({
      document: { rawNoteText: draft.rawNoteText },
      localOnly: { rawNoteText: 'newer' },
    })
    await anna.sync()
    await ben.sync()
    expect(await ben.engine.record('observation', draft.observationId)).toMatchObject({
      document: { rawNoteText: 'newer' },
      localOnly: null,
    })
    expect(ben.engine.status().localOnly).toBe(0)
  })

  it('[ENG-42, ENG-43] of a playbook stay, are not sent, and are no loss once the server has the same rules', async () => {
    const { clock, server, anna, ben } = await testWorld()
    await anna.sync()
    const backup = server.backup()
    await anna.engine.patchPlaybook(wind(7))
    await anna.sync()
    await ben.sync()
    clock.advance(40 * DAY)
    server.restore(backup)
    await anna.sync()
    await ben.sync()
    const seen = await ben.engine.record('playbook', PLAYBOOK)
    expect(seen).toMatchObject({ document: { version: 3 }, localOnly: { version: 4 } })
    expect(ben.engine.status().localOnly).toBe(1)
    expect(await ben.engine.localOnly.list()).toMatchObject([
      { type: 'playbook', own: false, hasServerVersion: true },
    ])
    expect(await ben.engine.localOnly.resend({ type: 'playbook', id: PLAYBOOK })).toMatchObject({
      ok: false,
      issues: [{ path: '', code: 'playbook_version' }],
    })
    // Anna's patch is hers to send again.
    expect(anna.engine.status()).toMatchObject({ localOnly: 2, pending: 0 })
    expect(server.playbook()?.version).toBe(3)
    expect(await anna.engine.localOnly.resendOwn()).toBe(1)
    await anna.sync()
    await ben.sync()
    expect(server.playbook()?.version).toBe(4)
    for (const device of [anna, ben]) {
      expect(device.engine.status()).toMatchObject({ localOnly: 0, pending: 0, conflicts: 0 })
      expect(await device.findings()).toEqual([])
    }
  })
})
