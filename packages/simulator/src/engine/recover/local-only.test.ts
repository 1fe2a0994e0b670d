import type { Observation } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import type { ModelWorkspace } from '../../model/model-state.ts'
import type { TestDevice } from '../testing/test-device.ts'
import { testWorld } from '../testing/test-world.ts'

const DAY = 24 * 60 * 60_000
const PLAYBOOK = 'pbk_yolo_grape'

const wind = (value: number) => ({
  playbookId: PLAYBOOK,
  reason: `wind ${value}`,
  operations: [{ op: 'replace' as const, path: '/rules/rule_pm_moderate/constraints/maxWindKph', value }],
})

const shows = async (device: TestDevice): Promise<string[]> =>
  (await device.engine.records('observation', { limit: 1_000 })).map(({ id }) => id)

/** A season that two phones wrote 40 days ago, at a server that is then started from nothing. */
async function emptiedServer() {
  const world = await testWorld()
  const { clock, server, anna, ben } = world
  const nothing = server.backup()
  const ofAnna = [await anna.saved(), await anna.saved({ status: 'confirmed' })]
  const ofBen = [await ben.saved(), await ben.saved()]
  await anna.sync()
  await ben.sync()
  await anna.sync()
  clock.advance(40 * DAY)
  return { ...world, nothing, ofAnna, ofBen, all: [...ofAnna, ...ofBen] }
}

const idsOf = (notes: readonly Observation[]) => notes.map(({ observationId }) => observationId).toSorted()

describe('records that a server started from nothing no longer has', () => {
  it('[ENG-41, HSH-7] stay on every device that had them, marked, counted, told and in the report', async () => {
    const { server, anna, ben, nothing, all } = await emptiedServer()
    const young = await anna.saved()
    await anna.sync()
    await ben.sync()
    server.restore(nothing)
    await anna.sync()
    await ben.sync()
    expect(idsOf(all).filter((id) => server.observation(id))).toEqual([])
    expect(server.observation(young.observationId)).toBeDefined()
    for (const device of [anna, ben]) {
      expect((await shows(device)).toSorted()).toEqual(idsOf([...all, young]))
      expect(device.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0, localOnly: 4 })
      expect(device.eventsOf('localOnly').flatMap(({ records }) => records.map(({ id }) => id))).toEqual(
        idsOf(all),
      )
      expect(device.position.stateHash).toBe(server.stateHash())
      expect(await device.findings()).toEqual([])
    }
    await anna.saved()
    await anna.sync()
    expect(server.reports.at(-1)).toMatchObject({ localOnly: 4 })
    expect(anna.eventsOf('drift')).toEqual([])
  })

  it('[ENG-41] stay through a second full pull, a restart and a crash at any point of it', async () => {
    for (let commit = 0; commit < 8; commit++) {
      const { server, anna, nothing, all } = await emptiedServer()
      server.restore(nothing)
      anna.crashAt(commit, commit % 2 === 0 ? 'before' : 'after')
      await anna.sync()
      await anna.restart()
      await anna.sync()
      server.restore(nothing)
      await anna.sync()
      expect((await shows(anna)).toSorted()).toEqual(idsOf(all))
      expect((await anna.engine.load()).localOnly).toBe(4)
      expect(await anna.findings()).toEqual([])
    }
  })

  it('[ENG-41] stay in a store that an earlier version wrote, which had no number of them', async () => {
    const { server, anna, nothing, all } = await emptiedServer()
    await anna.tamper(async (transaction) => {
      const { localOnly: _none, ...queue } = (await transaction.get('values', 'queue')) as Record<
        string,
        number
      >
      await transaction.put('values', 'queue', queue)
    })
    await anna.restart()
    expect((await anna.engine.load()).localOnly).toBe(0)
    server.restore(nothing)
    await anna.sync()
    expect((await shows(anna)).toSorted()).toEqual(idsOf(all))
    expect((await anna.engine.load()).localOnly).toBe(4)
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-41, DWN-6] a tombstone drops one, also in a full pull, and one that was only on this device', async () => {
    const { server, anna, nothing, ofAnna, ofBen } = await emptiedServer()
    const [dropped, later] = ofBen.map(({ observationId }) => observationId)
    server.restore(nothing)
    server.delete('observation', dropped ?? '')
    await anna.sync()
    expect(await anna.engine.record('observation', dropped ?? '')).toBeNull()
    expect(anna.engine.status().localOnly).toBe(3)
    server.delete('observation', later ?? '')
    await anna.sync()
    expect((await shows(anna)).toSorted()).toEqual(idsOf(ofAnna))
    expect(anna.engine.status().localOnly).toBe(2)
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-41, DWN-6] a record that was created again after it was deleted is not dropped by the older tombstone', async () => {
    const { server, anna, ben } = await testWorld()
    const note = await anna.saved()
    await anna.sync()
    server.delete('observation', note.observationId)
    let gone: ModelWorkspace['deleted'] = new Map()
    server.damage(({ deleted }) => {
      gone = new Map(deleted)
    })
    await anna.sync()
    await anna.saved({ observationId: note.observationId, createdAt: note.createdAt })
    await anna.sync()
    // A server that keeps its tombstones brings both on one page.
    server.damage(({ deleted }) => {
      for (const [key, each] of gone) deleted.set(key, each)
    })
    await ben.sync()
    expect(await shows(ben)).toEqual([note.observationId])
    expect(ben.position.stateHash).toBe(server.stateHash())
  })

  it('[ENG-42] become normal when the server has them again, whoever brought them', async () => {
    const { server, anna, ben, nothing, ofBen } = await emptiedServer()
    server.restore(nothing)
    await anna.sync()
    await ben.sync()
    expect(await ben.engine.localOnly.resendOwn()).toBe(2)
    await ben.sync()
    await anna.sync()
    for (const { observationId } of ofBen) {
      const seen = await anna.engine.record('observation', observationId)
      expect(seen).toMatchObject({ status: 'synced', localOnly: null })
    }
    for (const { engine, position } of [anna, ben]) {
      expect(engine.status()).toMatchObject({ pending: 0, conflicts: 0, localOnly: 2 })
      expect(position.stateHash).toBe(server.stateHash())
    }
    expect([...(await anna.findings()), ...(await ben.findings())]).toEqual([])
  })

  it('[ENG-43] go out again when their author says so, a recommendation with its observation; others are refused', async () => {
    const { clock, server, anna, ben } = await testWorld()
    const nothing = server.backup()
    const note = await anna.saved({ status: 'confirmed' })
    const advice = anna.advice({ observationId: note.observationId })
    await anna.engine.saveRecommendation(advice)
    await anna.sync()
    await ben.sync()
    clock.advance(31 * DAY)
    server.restore(nothing)
    await anna.sync()
    await ben.sync()
    const name = { type: 'recommendation', id: advice.recommendationId } as const
    const refusal = (path: string, code: string) => ({ ok: false, issues: [{ path, code }] })
    const ofNote = { type: 'observation', id: note.observationId } as const
    expect(await ben.engine.localOnly.resend(name)).toMatchObject(refusal('', 'other_author'))
    expect(await ben.engine.localOnly.resend(ofNote)).toMatchObject(refusal('', 'other_author'))
    expect(await ben.engine.localOnly.resendOwn()).toBe(0)
    expect(await anna.engine.localOnly.list()).toMatchObject([
      { type: 'observation', own: true, isQueued: false, hasServerVersion: false },
      { type: 'recommendation', own: true },
    ])
    expect(await anna.engine.localOnly.resend(name)).toMatchObject({ ok: true })
    expect(await anna.engine.localOnly.resend(name)).toMatchObject(refusal('', 'queued_already'))
    expect(anna.engine.status().pending).toBe(2)
    expect(await anna.engine.localOnly.list()).toMatchObject([{ isQueued: true }, { isQueued: true }])
    await anna.sync()
    expect(server.observation(note.observationId)).toEqual(note)
    expect(server.recommendation(advice.recommendationId)).toBeDefined()
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0, localOnly: 0 })
    expect(await anna.engine.localOnly.resend(name)).toMatchObject(refusal('', 'not_local_only'))
    expect(await anna.engine.localOnly.discard(name)).toMatchObject(refusal('', 'not_local_only'))
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-43] go out with an edit as well, which is made of the version on this device', async () => {
    const { server, anna, nothing, ofAnna } = await emptiedServer()
    const confirmed = ofAnna[1]?.observationId ?? ''
    server.restore(nothing)
    await anna.sync()
    const corrected = await anna.engine.correct(confirmed, { rawNoteText: 'seen again' }, 'misread')
    expect(corrected).toMatchObject({ ok: true, likelyConflict: null })
    await anna.sync()
    expect(server.observation(confirmed)).toMatchObject({ rawNoteText: 'seen again' })
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0, localOnly: 3 })
  })

  it('[ENG-43] are given up by a person alone', async () => {
    const { server, anna, nothing, ofBen } = await emptiedServer()
    server.restore(nothing)
    await anna.sync()
    const name = { type: 'observation', id: ofBen[0]?.observationId ?? '' } as const
    expect(await anna.engine.localOnly.discard(name)).toMatchObject({ ok: true })
    expect(await anna.engine.record('observation', name.id)).toBeNull()
    expect(await anna.engine.localOnly.discard(name)).toMatchObject({ ok: false })
    expect(anna.engine.status().localOnly).toBe(3)
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-41] outlive an edit of them that the server refuses and a person gives up', async () => {
    const { server, anna, nothing, ofBen } = await emptiedServer()
    const [note] = ofBen
    server.restore(nothing)
    await anna.sync()
    // Anna may edit drafts of others, and may not create them in another's name (OBS-2).
    await anna.engine.saveObservation({ ...(note as Observation), rawNoteText: 'edited' })
    await anna.sync()
    const [conflict] = await anna.engine.conflicts()
    expect(conflict).toMatchObject({ kind: 'server', conflict: { code: 'FORBIDDEN' } })
    await anna.engine.resolve.discard(conflict?.id ?? '')
    expect(await anna.engine.record('observation', note?.observationId ?? '')).toMatchObject({
      status: 'local_only',
      document: note,
    })
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-41, ENG-15] outlive a correction of them that went out again by itself and was refused', async () => {
    const { clock, server, anna, ben } = await testWorld()
    const nothing = server.backup()
    const note = await ben.saved({ status: 'confirmed' })
    await ben.sync()
    await anna.sync()
    await anna.engine.correct(note.observationId, { rawNoteText: 'corrected by Anna' }, 'misread')
    await anna.sync()
    server.restore(nothing)
    await anna.sync()
    // Ben's phone, which alone may create the record again (OBS-2), does not come back: then a person decides (CUR-8).
    expect(anna.engine.status()).toMatchObject({ pending: 1, conflicts: 0 })
    clock.advance(30 * DAY)
    await anna.sync()
    const [conflict] = await anna.engine.conflicts()
    expect(conflict).toMatchObject({ conflict: { code: 'FORBIDDEN' } })
    await anna.engine.resolve.discard(conflict?.id ?? '')
    expect(await anna.engine.record('observation', note.observationId)).toMatchObject({
      status: 'local_only',
      document: { rawNoteText: 'corrected by Anna' },
    })
    expect(await anna.findings()).toEqual([])
  })

  it('[CUR-8, ENG-41] a recommendation waits for its observation also where an edit of that is refused', async () => {
    const { server, anna, ben } = await testWorld()
    const nothing = server.backup()
    const note = await ben.saved()
    await ben.sync()
    await anna.sync()
    const advice = anna.advice({ observationId: note.observationId })
    await anna.engine.saveRecommendation(advice)
    await anna.sync()
    await anna.engine.saveObservation({ ...note, rawNoteText: 'edited by Anna' })
    server.restore(nothing)
    await anna.sync()
    expect((await anna.engine.conflicts()).map(({ type }) => type)).toEqual(['observation'])
    await ben.sync()
    await anna.sync()
    for (const { id } of await anna.engine.conflicts()) await anna.engine.resolve.acceptServer(id)
    await anna.sync()
    expect(server.recommendation(advice.recommendationId)).toBeDefined()
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0, localOnly: 0 })
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-43] a patch that is sent again on a playbook that others changed is no longer marked', async () => {
    const { clock, server, anna, ben } = await testWorld()
    await anna.sync()
    const backup = server.backup()
    await anna.engine.patchPlaybook(wind(7))
    await anna.sync()
    clock.advance(40 * DAY)
    server.restore(backup)
    await ben.sync()
    const path = '/rules/rule_heat_moderate/constraints/maxWindKph'
    const operations = [{ op: 'replace' as const, path, value: 9 }]
    await ben.engine.patchPlaybook({ playbookId: PLAYBOOK, reason: 'heat', operations })
    await ben.sync()
    await anna.sync()
    expect(await anna.engine.localOnly.resendOwn()).toBe(1)
    await anna.sync()
    expect(server.playbook()).toMatchObject({
      version: 5,
      rules: { rule_pm_moderate: { constraints: { maxWindKph: 7 } } },
    })
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
    expect((await anna.engine.localOnly.list()).filter(({ type }) => type === 'playbookPatch')).toEqual([])
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-41] an observation that a resubmitted recommendation brought back in vain stays, too', async () => {
    const { clock, server, anna, ben } = await testWorld()
    const note = await anna.saved({ status: 'confirmed' })
    await anna.sync()
    await ben.sync()
    const advice = ben.advice({ observationId: note.observationId })
    await ben.engine.saveRecommendation(advice)
    // Restored without a sign that the device could see: the cursor is that of the restored history.
    server.damage(({ observations }) => observations.clear())
    server.model.setBuild({ stateHash: () => undefined })
    clock.advance(1000)
    await ben.sync()
    const [orphan] = await ben.engine.conflicts()
    expect(orphan).toMatchObject({ conflict: { code: 'RECOMMENDATION_ORPHAN' } })
    await ben.engine.resolve.resubmit(orphan?.id ?? '')
    await ben.sync()
    for (const { id } of await ben.engine.conflicts()) await ben.engine.resolve.discard(id)
    expect(await ben.engine.record('observation', note.observationId)).toMatchObject({
      status: 'local_only',
      document: note,
    })
    expect(await ben.findings()).toEqual([])
  })
})

describe('the export', () => {
  it('[ENG-45] has a version, the queue, and all that is only on this device', async () => {
    const { server, anna, nothing, all, ofAnna } = await emptiedServer()
    server.restore(nothing)
    await anna.sync()
    const waiting = await anna.saved()
    const exported = await anna.engine.exportQueue()
    expect(exported).toMatchObject({
      format: 'fieldsync.export',
      version: 1,
      deviceId: 'dev_anna',
      entries: [{ document: waiting }],
      conflicts: [],
    })
    expect(exported.localOnly.map(({ id }) => id)).toEqual(idsOf(all))
    const own = exported.localOnly.filter((record) => record.own).map(({ document }) => document)
    expect(own).toEqual(ofAnna.toSorted((a, b) => (a.observationId < b.observationId ? -1 : 1)))
    expect(JSON.parse(JSON.stringify(exported))).toEqual(exported)
  })
})
