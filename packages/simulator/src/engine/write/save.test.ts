import type { Observation } from '@fieldsync/contracts'
import { checksumOf } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { type TestWorld, testWorld } from '../testing/test-world.ts'

const queuedOf = async (device: TestWorld['anna']) =>
  (await device.engine.exportQueue()).entries.map(({ document }) => document)

/** The version that a save has stored. */
async function saved<T>(
  save: Promise<{ ok: true; record: { local: T | null } } | { ok: false }>,
): Promise<T> {
  const outcome = await save
  if (!outcome.ok || outcome.record.local === null) throw new Error(JSON.stringify(outcome))
  return outcome.record.local
}

describe('saving', () => {
  it('[ENG-2, GUA-9] a write and its queue entry are stored together or not at all', async () => {
    const { anna } = await testWorld()
    const note = anna.note()
    anna.crashAt(0, 'before')
    await expect(anna.orDie(anna.engine.saveObservation(note))).rejects.toThrow('died')
    await anna.restart()
    expect(await anna.engine.record('observation', note.observationId)).toBeNull()
    expect(await queuedOf(anna)).toEqual([])
    anna.crashAt(0, 'after')
    await expect(anna.orDie(anna.engine.saveObservation(note))).rejects.toThrow('died')
    await anna.restart()
    expect((await anna.engine.record('observation', note.observationId))?.status).toBe('pending')
    expect(await queuedOf(anna)).toHaveLength(1)
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-24] a write that breaks the contract is refused with issues, whatever it is', async () => {
    const { anna } = await testWorld()
    const { engine } = anna
    const high = await engine.saveObservation(anna.note({ location: { lat: 91, lon: 0 } }))
    expect(high).toMatchObject({ ok: false, issues: [{ path: '/location/lat' }] })
    const foreign = { ...anna.note(), observationId: 'obs/../values' }
    expect(await engine.saveObservation(foreign)).toMatchObject({
      ok: false,
      issues: [{ path: '/observationId' }],
    })
    expect(await engine.saveRecommendation(anna.advice({ action: '' }))).toMatchObject({
      ok: false,
      issues: [{ path: '/action' }],
    })
    expect(
      await engine.patchPlaybook({ playbookId: 'pbk_yolo_grape', reason: 'x', operations: [] }),
    ).toMatchObject({ ok: false, issues: [{ path: '/playbookId', message: 'is not on this device yet' }] })
    await anna.sync()
    expect(
      await engine.patchPlaybook({ playbookId: 'pbk_yolo_grape', reason: '', operations: [] }),
    ).toMatchObject({ ok: false, issues: [{ path: '/reason' }, { path: '/operations' }] })
    expect(await engine.patchPlaybook({ playbookId: '../x', reason: 'x', operations: [] })).toMatchObject({
      ok: false,
    })
    expect(engine.status().pending).toBe(0)
  })

  it('[ENG-4] edits of an unsent draft take its place, also when the last one confirms it', async () => {
    const { anna } = await testWorld()
    const draft = await anna.saved()
    await anna.saved()
    const second = await saved(anna.engine.saveObservation({ ...draft, rawNoteText: 'second look' }))
    await saved(anna.engine.saveObservation({ ...second, rawNoteText: 'third look', status: 'confirmed' }))
    const queued = await queuedOf(anna)
    expect(queued).toHaveLength(2)
    expect(queued[0]).toMatchObject({ observationId: draft.observationId, rawNoteText: 'third look' })
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-4, BAT-4] a confirmed version is never replaced: what follows is a chain, sent in order in one batch', async () => {
    const { server, anna } = await testWorld()
    const draft = await anna.saved({ status: 'confirmed' })
    await anna.engine.correct(draft.observationId, { rawNoteText: 'first' }, 'misread')
    await anna.engine.correct(draft.observationId, { rawNoteText: 'second' }, 'misread again')
    const queued = (await queuedOf(anna)) as Observation[]
    expect(queued.map(({ correction }) => correction?.supersedes)).toEqual([
      undefined,
      queued[0]?.deterministicChecksum,
      queued[1]?.deterministicChecksum,
    ])
    await anna.sync()
    expect(anna.sent[0]?.upserts.observations).toEqual(queued)
    expect(server.observation(draft.observationId)).toEqual(queued[2])
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
    expect(anna.position.stateHash).toBe(server.stateHash())
  })

  it('[ENG-4] an edit of a draft that is on its way is queued behind it, not put in its place', async () => {
    const { server, anna } = await testWorld()
    const draft = await anna.saved()
    anna.link.next('lost', 'lost', 'lost')
    await anna.sync()
    await anna.engine.saveObservation({ ...draft, rawNoteText: 'while it was away' })
    expect(await queuedOf(anna)).toHaveLength(2)
    expect(await anna.engine.recordStatus('observation', draft.observationId)).toBe('in_flight')
    await anna.sync()
    expect(server.observation(draft.observationId)?.rawNoteText).toBe('while it was away')
    expect(anna.engine.status().pending).toBe(0)
  })

  it('[ENG-4] a decided recommendation is not replaced, a pending one is', async () => {
    const { anna } = await testWorld()
    const { observationId } = await anna.saved()
    const advice = anna.advice({ observationId })
    const save = anna.engine.saveRecommendation
    let latest = await saved(save(advice))
    latest = await saved(save({ ...latest, action: 'wait' }))
    latest = await saved(save({ ...latest, status: 'confirmed' }))
    await saved(save({ ...latest, action: 'no', status: 'rejected' }))
    expect(await queuedOf(anna)).toMatchObject([
      { observationId },
      { action: 'wait', status: 'confirmed' },
      { action: 'no', status: 'rejected' },
    ])
  })
})

describe('checksum and time of an edit', () => {
  it('[ENG-9] a missing checksum is computed over what was observed, by the documented rule', async () => {
    const { anna } = await testWorld()
    const { deterministicChecksum: _none, ...note } = anna.note()
    const outcome = await anna.engine.saveObservation(note)
    expect(outcome.ok && outcome.record.local?.deterministicChecksum).toBe(
      checksumOf({ ...note, deterministicChecksum: '' }),
    )
  })

  it('[ENG-9] an edit that brings the old checksum along gets a new one; an unchanged observation keeps its own', async () => {
    const { anna } = await testWorld()
    const foreign = 'sha256:0123456789abcdef'
    const draft = await anna.saved({ deterministicChecksum: foreign })
    expect(draft.deterministicChecksum).toBe(foreign)
    const edited = await anna.engine.saveObservation({ ...draft, rawNoteText: 'other words' })
    const changed = edited.ok ? edited.record.local : null
    expect(changed?.deterministicChecksum).toBe(checksumOf({ ...draft, rawNoteText: 'other words' }))
    const confirmed = await anna.engine.saveObservation({ ...draft, ...changed, status: 'confirmed' })
    expect(confirmed.ok && confirmed.record.local?.deterministicChecksum).toBe(changed?.deterministicChecksum)
  })

  it('[ENG-10] an edit is later than what it edits, on a device whose clock is a day behind too', async () => {
    const { server, anna, ben } = await testWorld()
    const draft = await anna.saved()
    await anna.sync()
    await ben.sync()
    ben.skew = -24 * 60 * 60_000
    const outcome = await ben.engine.saveObservation({ ...draft, rawNoteText: 'seen by Ben' })
    expect(outcome).toMatchObject({ ok: true, likelyConflict: null })
    await ben.sync()
    expect(server.observation(draft.observationId)?.rawNoteText).toBe('seen by Ben')
    expect(ben.engine.status().conflicts).toBe(0)
  })

  it('[ENG-10] an edit of a form that was filled in before something newer came is dated now', async () => {
    const { clock, server, anna } = await testWorld()
    const draft = await anna.saved()
    clock.advance(60_000)
    await saved(anna.engine.saveObservation({ ...draft, location: { lat: 1, lon: 2 } }))
    await anna.sync()
    clock.advance(60_000)
    const old = { ...draft, rawNoteText: 'from the old form' }
    const latest = await saved(anna.engine.saveObservation(old, { basedOn: draft }))
    await anna.sync()
    expect(server.observation(draft.observationId)).toMatchObject({
      rawNoteText: 'from the old form',
      updatedAt: new Date(anna.now).toISOString(),
    })
    const own = new Date(anna.now + 5_000).toISOString()
    const dated = { ...latest, rawNoteText: 'dated by the app', updatedAt: own }
    await saved(anna.engine.saveObservation(dated, { basedOn: latest }))
    expect(await anna.engine.record('observation', draft.observationId)).toMatchObject({
      document: { updatedAt: own },
    })
  })

  it('[ENG-10] behind the last instant that can be written an edit keeps the time of what it edits', async () => {
    const { anna } = await testWorld()
    const last = '9999-12-31T23:59:59.999Z'
    const draft = await anna.saved({ updatedAt: last })
    const outcome = await anna.engine.saveObservation({ ...draft, rawNoteText: 'later still' })
    expect(outcome.ok && outcome.record.local?.updatedAt).toBe(last)
  })
})

describe('confirmed observations', () => {
  it('[ENG-11] change only by a new correction; a status further along needs none', async () => {
    const { anna } = await testWorld()
    const confirmed = await anna.saved({ status: 'confirmed' })
    const { observationId } = confirmed
    const missing = { ok: false, issues: [{ path: '/correction' }] }
    expect(await anna.engine.saveObservation({ ...confirmed, rawNoteText: 'quietly' })).toMatchObject(missing)
    expect(await anna.engine.saveObservation({ ...confirmed, status: 'draft' })).toMatchObject(missing)
    expect(await anna.engine.saveObservation({ ...confirmed, status: 'logged' })).toMatchObject({ ok: true })
    const corrected = await anna.engine.correct(observationId, { rawNoteText: 'openly' }, 'misread the row')
    const first = corrected.ok ? corrected.record.local : null
    expect(first?.correction).toMatchObject({
      reason: 'misread the row',
      supersedes: confirmed.deterministicChecksum,
    })
    // The correction of the version on the screen is no reason for the next change.
    expect(await anna.engine.saveObservation({ ...confirmed, ...first, rawNoteText: 'again' })).toMatchObject(
      missing,
    )
  })

  it('[ENG-11] a correction that changes nothing, or of nothing, is refused', async () => {
    const { anna } = await testWorld()
    const confirmed = await anna.saved({ status: 'confirmed' })
    const { observationId, rawNoteText } = confirmed
    expect(await anna.engine.correct(observationId, { rawNoteText }, 'none')).toMatchObject({ ok: false })
    expect(await anna.engine.correct(observationId, { rawNoteText: 'x' }, '')).toMatchObject({
      ok: false,
      issues: [{ path: '/correction/reason' }],
    })
    expect(await anna.engine.correct('obs_20260211_0042', {}, 'none')).toMatchObject({ ok: false })
    expect(await anna.engine.correct('nothing', {}, 'none')).toMatchObject({ ok: false })
  })
})

describe('the likely conflict', () => {
  it('[ENG-23] of an observation is reported when it is saved or previewed, and refuses nothing', async () => {
    const { anna, ben } = await testWorld()
    const draft = await anna.saved()
    await anna.sync()
    await ben.sync()
    const taken = ben.note({ observationId: draft.observationId })
    const likely = { ok: true, likelyConflict: { code: 'OBSERVATION_ID_TAKEN', resolution: 'rename' } }
    expect(await ben.engine.preview.observation(taken)).toMatchObject(likely)
    expect(ben.engine.status().pending).toBe(0)
    expect(await ben.engine.saveObservation(taken)).toMatchObject(likely)
    expect(ben.engine.status().pending).toBe(1)
  })

  it('[ENG-23] of a recommendation and of a patch knows what waits in the queue', async () => {
    const { anna } = await testWorld()
    await anna.sync()
    const { observationId } = await anna.saved()
    const { preview } = anna.engine
    expect(await preview.recommendation(anna.advice({ observationId }))).toEqual({
      ok: true,
      likelyConflict: null,
    })
    expect(await preview.recommendation(anna.advice())).toMatchObject({
      likelyConflict: { code: 'RECOMMENDATION_ORPHAN' },
    })
    const patch = (path: string, value: number) => ({
      playbookId: 'pbk_yolo_grape',
      reason: 'wind',
      operations: [{ op: 'replace' as const, path, value }],
    })
    const wind = '/rules/rule_pm_moderate/constraints/maxWindKph'
    expect(await preview.patch(patch(wind, 9))).toEqual({ ok: true, likelyConflict: null })
    expect(await preview.patch(patch(wind, 900))).toMatchObject({
      likelyConflict: { code: 'PLAYBOOK_PATCH_INVALID', issues: [{ path: '/operations/0' }] },
    })
    expect(await preview.patch(patch('/version', 9))).toMatchObject({
      likelyConflict: { code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED' },
    })
    await anna.engine.patchPlaybook(patch(wind, 9))
    const second = await anna.engine.patchPlaybook(patch(wind, 10))
    expect(second).toMatchObject({ ok: true, likelyConflict: null, record: { local: { baseVersion: 4 } } })
  })

  it('[ENG-23] of a viewer or scout follows from the role that the program gives', async () => {
    const { anna } = await testWorld({ role: 'scout' })
    await anna.sync()
    const path = '/rules/rule_pm_moderate/constraints/maxWindKph'
    const operations = [{ op: 'replace' as const, path, value: 9 }]
    expect(
      await anna.engine.preview.patch({ playbookId: 'pbk_yolo_grape', reason: 'wind', operations }),
    ).toMatchObject({ likelyConflict: { code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED' } })
  })
})
