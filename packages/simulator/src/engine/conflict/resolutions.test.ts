import type { Observation, Recommendation } from '@fieldsync/contracts'
import type { LocalConflict } from '@fieldsync/sync-engine'
import { describe, expect, it } from 'vitest'

import type { TestDevice } from '../testing/test-device.ts'
import { testWorld } from '../testing/test-world.ts'

const only = async (device: TestDevice): Promise<LocalConflict> => {
  const conflicts = await device.engine.conflicts()
  expect(conflicts).toHaveLength(1)
  return conflicts[0] as LocalConflict
}
const settled = { state: 'idle', pending: 0, conflicts: 0, quarantined: 0 }

/** Ben's edit of Anna's draft meets that she has confirmed it. */
async function immutable() {
  const world = await testWorld()
  const { anna, ben } = world
  const draft = await anna.saved()
  await anna.sync()
  await ben.sync()
  await anna.engine.saveObservation({ ...draft, status: 'confirmed' })
  await anna.sync()
  ben.clock.advance(1_000)
  await ben.engine.saveObservation({ ...draft, rawNoteText: 'by Ben' })
  await ben.sync()
  return { ...world, draft, conflict: await only(ben) }
}

/** Ben's observation has an id that Anna used first; he is a scout, and advises on it. */
async function idTaken() {
  const world = await testWorld()
  const { anna, ben } = world
  ben.become('scout')
  const observationId = 'obs_20260211_0001'
  const hers = await anna.saved({ observationId })
  await anna.sync()
  const his = await ben.saved({ observationId, status: 'confirmed' })
  const sent = ben.advice({ observationId })
  await ben.engine.saveRecommendation(sent)
  await ben.sync()
  const queued = ben.advice({ observationId })
  await ben.engine.saveRecommendation(queued)
  await ben.engine.saveRecommendation({ ...queued, status: 'rejected' })
  await ben.sync()
  return { ...world, hers, his, sent, queued }
}

describe('resolving a conflict', () => {
  it('[ENG-17, CNF-10] accept: the server’s version stays, and the next call reports it to the server', async () => {
    const { server, ben, draft, conflict } = await immutable()
    expect(await ben.engine.resolve.acceptServer(conflict.id)).toMatchObject({ ok: true })
    expect(ben.engine.status().conflicts).toBe(0)
    expect(await ben.engine.record('observation', draft.observationId)).toMatchObject({
      status: 'synced',
      document: { status: 'confirmed', rawNoteText: draft.rawNoteText },
    })
    expect(ben.eventsOf('resolved')).toMatchObject([{ resolution: 'accept_server' }])
    await ben.sync()
    const conflictId = conflict.kind === 'server' && conflict.conflict.conflictId
    expect(server.reports.at(-1)?.resolved).toEqual([{ conflictId, resolution: 'accept_server' }])
    await ben.sync()
    expect(server.reports.at(-1)?.resolved).toBeUndefined()
    expect(await ben.findings()).toEqual([])
  })

  it('[ENG-17, ENG-11] correct: the losing value goes out as a correction of the server’s version', async () => {
    const { server, ben, draft, conflict } = await immutable()
    const { correct } = ben.engine.resolve
    expect(await correct(conflict.id, { reason: '' })).toMatchObject({
      ok: false,
      issues: [{ path: '/correction/reason' }],
    })
    expect(
      await correct(conflict.id, { reason: 'r', changes: { rawNoteText: draft.rawNoteText } }),
    ).toMatchObject({
      ok: false,
    })
    expect(ben.engine.status().conflicts).toBe(1)
    expect(await correct(conflict.id, { reason: 'Ben saw more' })).toMatchObject({ ok: true })
    await ben.sync()
    expect(server.observation(draft.observationId)).toMatchObject({
      rawNoteText: 'by Ben',
      status: 'confirmed',
      deviceId: draft.deviceId,
      correction: { reason: 'Ben saw more', supersedes: draft.deterministicChecksum },
    })
    expect(ben.engine.status()).toMatchObject(settled)
    expect(await ben.engine.resolve.correct(conflict.id, { reason: 'again' })).toMatchObject({
      ok: false,
      issues: [{ message: 'is resolved already' }],
    })
  })

  it('[ENG-17] a later write of the record is kept, and goes out behind the result, linked to it', async () => {
    const { server, ben, draft, conflict } = await immutable()
    const { observationId } = draft
    await ben.engine.saveObservation({ ...(conflict.losing as Observation), status: 'confirmed' })
    await ben.engine.correct(observationId, { rawNoteText: 'Ben, last word' }, 'slip')
    await ben.sync()
    expect(ben.engine.status()).toMatchObject({ pending: 2, conflicts: 1 })
    await ben.engine.resolve.acceptServer(conflict.id)
    expect(await ben.engine.record('observation', observationId)).toMatchObject({
      status: 'pending',
      document: { rawNoteText: 'Ben, last word' },
    })
    await ben.sync()
    // Each of them is judged on its own, and comes up with its own value.
    const losing = (await ben.engine.conflicts()).map((each) => (each.losing as Observation).rawNoteText)
    expect(losing).toEqual(['by Ben', 'Ben, last word'])
    expect(server.observation(observationId)?.rawNoteText).toBe(draft.rawNoteText)
    for (const each of await ben.engine.conflicts()) {
      await ben.engine.resolve.correct(each.id, { reason: 'stands' })
      await ben.sync()
    }
    expect(server.observation(observationId)?.rawNoteText).toBe('Ben, last word')
    expect(ben.engine.status()).toMatchObject(settled)
    expect(await ben.findings()).toEqual([])
  })

  it('[ENG-17] rename: a new id for the record; recommendations follow, queued and laid aside', async () => {
    const { server, ben, hers, his, sent, queued } = await idTaken()
    const [taken, forbidden] = await ben.engine.conflicts()
    expect(ben.engine.status()).toMatchObject({ conflicts: 2, pending: 1 })
    const renamed = await ben.engine.resolve.rename(taken?.id ?? '')
    const newId = renamed.ok ? renamed.record.id : ''
    expect(newId).not.toBe(hers.observationId)
    expect(await ben.engine.record('recommendation', sent.recommendationId)).toMatchObject({
      status: 'conflict',
      document: { observationId: newId },
    })
    await ben.sync()
    expect(server.observation(hers.observationId)).toEqual(hers)
    expect(server.observation(newId)).toMatchObject({ rawNoteText: his.rawNoteText, deviceId: ben.deviceId })
    expect(server.recommendation(queued.recommendationId)).toMatchObject({
      observationId: newId,
      status: 'rejected',
    })
    await ben.engine.resolve.resubmit(forbidden?.id ?? '')
    await ben.sync()
    expect(server.recommendation(sent.recommendationId)?.observationId).toBe(newId)
    expect(ben.engine.status()).toMatchObject(settled)
    expect(ben.position.stateHash).toBe(server.stateHash())
    expect(await ben.findings()).toEqual([])
  })

  it('[ENG-17] rename: what was written behind the losing value goes along, each correction naming the one before', async () => {
    const { server, anna, ben } = await testWorld()
    const observationId = 'obs_20260211_0001'
    await anna.saved({ observationId })
    await anna.sync()
    await ben.saved({ observationId, status: 'confirmed' })
    await ben.sync()
    await ben.engine.correct(observationId, { rawNoteText: 'one' }, 'r')
    await ben.engine.correct(observationId, { rawNoteText: 'two' }, 'r')
    const renamed = await ben.engine.resolve.rename((await only(ben)).id)
    await ben.sync()
    expect(ben.engine.status()).toMatchObject(settled)
    const id = renamed.ok ? renamed.record.id : ''
    expect(server.observation(id)?.rawNoteText).toBe('two')
    expect(await ben.engine.record('observation', observationId)).toMatchObject({ status: 'synced' })
  })

  it('[ENG-17] rename: a recommendation that supersedes a renamed one follows too', async () => {
    const { server, anna, ben } = await testWorld()
    const recommendationId = 'rec_20260211_0001'
    const hers = await anna.saved()
    await anna.engine.saveRecommendation(anna.advice({ recommendationId, observationId: hers.observationId }))
    await anna.sync()
    const his = await ben.saved()
    const { observationId } = his
    await ben.engine.saveRecommendation(ben.advice({ recommendationId, observationId }))
    await ben.sync()
    const next = ben.advice({ observationId, supersedes: recommendationId })
    await ben.engine.saveRecommendation(next)
    const renamed = await ben.engine.resolve.rename((await only(ben)).id)
    await ben.sync()
    expect(server.recommendation(next.recommendationId)?.supersedes).toBe(renamed.ok && renamed.record.id)
    expect(server.recommendation(recommendationId)?.observationId).toBe(hers.observationId)
    expect(ben.engine.status()).toMatchObject(settled)
  })

  it('[ENG-58] rename: a write that was queued before the losing one stays, and is shown', async () => {
    const { server, anna } = await testWorld()
    const draft = await anna.saved()
    await anna.sync()
    anna.clock.advance(1_000)
    await anna.engine.saveObservation({ ...draft, rawNoteText: 'first' })
    await anna.engine.saveObservation({ ...draft, rawNoteText: 'of an old form' }, { basedOn: draft })
    const renamed = await anna.engine.resolve.rename((await only(anna)).id)
    expect(await anna.engine.record('observation', draft.observationId)).toMatchObject({
      status: 'pending',
      document: { rawNoteText: 'first' },
    })
    expect(await anna.findings()).toEqual([])
    await anna.sync()
    expect(server.observation(draft.observationId)?.rawNoteText).toBe('first')
    expect(server.observation((renamed.ok && renamed.record.id) || '')?.rawNoteText).toBe('of an old form')
    expect(anna.engine.status()).toMatchObject(settled)
  })

  it('[ENG-17, REC-2] resubmit: an orphan goes with the observation that the server lacks', async () => {
    const { server, anna } = await testWorld()
    const seen = await anna.saved()
    await anna.sync()
    // The server loses it without a word.
    server.damage(({ observations }) => observations.delete(seen.observationId))
    server.model.setBuild({ stateHash: () => undefined })
    const advice = anna.advice({ observationId: seen.observationId })
    await anna.engine.saveRecommendation(advice)
    await anna.sync()
    const conflict = await only(anna)
    expect(conflict).toMatchObject({ conflict: { code: 'RECOMMENDATION_ORPHAN', resolution: 'resubmit' } })
    expect(await anna.engine.resolve.resubmit(conflict.id)).toMatchObject({ ok: true })
    await anna.sync()
    expect(server.observation(seen.observationId)).toEqual(seen)
    expect(server.recommendation(advice.recommendationId)).toBeDefined()
    expect(anna.engine.status()).toMatchObject(settled)
  })

  it('[ENG-59] resubmit: an orphan whose observation its author has brought back meanwhile goes out alone', async () => {
    const { server, anna, ben } = await testWorld()
    const note = await anna.saved({ status: 'confirmed' })
    await anna.sync()
    await ben.sync()
    // The server loses it without a word.
    server.damage(({ observations }) => observations.delete(note.observationId))
    server.model.setBuild({ stateHash: () => undefined })
    const advice = ben.advice({ observationId: note.observationId })
    await ben.engine.saveRecommendation(advice)
    await ben.sync()
    const orphan = await only(ben)
    expect(orphan).toMatchObject({ conflict: { code: 'RECOMMENDATION_ORPHAN' } })
    // Of the observation an edit waits for a person, too.
    await ben.engine.correct(note.observationId, { rawNoteText: 'by Ben' }, 'misread')
    await ben.sync()
    expect(ben.engine.status()).toMatchObject({ conflicts: 2 })
    // Restored from a backup, it makes every device look through what it has.
    server.model.setBuild({ stateHash: (hash) => hash })
    server.refuseCursors()
    await anna.sync()
    await ben.sync()
    const hash = server.stateHash()
    expect(ben.position.stateHash).toBe(hash)
    expect(await ben.engine.resolve.resubmit(orphan.id)).toMatchObject({ ok: true })
    expect(ben.position.stateHash).toBe(hash)
    expect(await ben.engine.record('observation', note.observationId)).toMatchObject({ server: note })
    const before = ben.sent.length
    for (const { id } of await ben.engine.conflicts()) await ben.engine.resolve.acceptServer(id)
    await ben.sync()
    expect(ben.sent.slice(before).flatMap(({ upserts }) => upserts.observations)).toEqual([])
    expect(server.recommendation(advice.recommendationId)).toBeDefined()
    expect(ben.engine.status()).toMatchObject({ ...settled, localOnly: 0 })
    expect(ben.eventsOf('drift')).toEqual([])
    expect(await ben.findings()).toEqual([])
  })

  it('[ENG-17] resubmit: an orphan of an observation that nobody here has cannot go', async () => {
    const { anna } = await testWorld()
    await anna.engine.saveRecommendation(anna.advice())
    await anna.sync()
    const conflict = await only(anna)
    expect(await anna.engine.resolve.resubmit(conflict.id)).toMatchObject({
      ok: false,
      issues: [{ path: '/observationId' }],
    })
    const { observationId } = await anna.saved()
    const document = { ...(conflict.losing as Recommendation), observationId }
    expect(await anna.engine.resolve.fix(conflict.id, document)).toMatchObject({ ok: true })
    await anna.sync()
    expect(anna.engine.status()).toMatchObject(settled)
  })

  it('[ENG-17] resubmit: an edit of a deleted record creates it again', async () => {
    const { server, anna } = await testWorld()
    const draft = await anna.saved()
    await anna.sync()
    server.delete('observation', draft.observationId)
    await anna.pullWhileHolding(async () => {
      await anna.engine.saveObservation({ ...draft, rawNoteText: 'still here' })
    })
    await anna.engine.resolve.resubmit((await only(anna)).id)
    await anna.sync()
    expect(server.observation(draft.observationId)?.rawNoteText).toBe('still here')
    expect(anna.engine.status()).toMatchObject(settled)
  })

  it('[ENG-17, ENG-12] fix: a repaired document takes the quarantined one’s place; its id and the contract stay', async () => {
    const { server, anna } = await testWorld()
    server.model.setBuild({ refuses: (record) => 'rawNoteText' in record && record.rawNoteText === 'bad' })
    const bad = await anna.saved({ rawNoteText: 'bad', status: 'confirmed' })
    await anna.sync()
    const { id } = await only(anna)
    const { fix } = anna.engine.resolve
    expect(await fix(id, { ...bad, rawNoteText: '' })).toMatchObject({
      ok: false,
      issues: [{ path: '/rawNoteText' }],
    })
    expect(await fix(id, anna.note())).toMatchObject({
      ok: false,
      issues: [{ path: '/observationId', code: 'wrong_id' }],
    })
    expect(anna.engine.status().quarantined).toBe(1)
    expect(await fix(id, { ...bad, rawNoteText: 'good' })).toMatchObject({ ok: true })
    await anna.sync()
    const stored = server.observation(bad.observationId)
    expect(stored?.rawNoteText).toBe('good')
    expect(stored?.deterministicChecksum).not.toBe(bad.deterministicChecksum)
    expect(anna.engine.status()).toMatchObject(settled)
  })

  it('[ENG-17] discard: the losing value is given up, and a record that was nothing else is gone', async () => {
    const { anna } = await testWorld()
    const advice = anna.advice()
    await anna.engine.saveRecommendation(advice)
    await anna.sync()
    await anna.engine.resolve.discard((await only(anna)).id)
    expect(await anna.engine.record('recommendation', advice.recommendationId)).toBeNull()
    expect(anna.tables.conflicts.size).toBe(0)
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-17, GUA-9] a crash before or after the one transaction leaves the conflict, or its result', async () => {
    for (const when of ['before', 'after'] as const) {
      const { server, ben, draft, conflict } = await immutable()
      ben.crashAt(0, when)
      await expect(ben.orDie(ben.engine.resolve.correct(conflict.id, { reason: 'r' }))).rejects.toThrow(
        'died',
      )
      await ben.restart()
      expect(await ben.findings()).toEqual([])
      expect(await ben.engine.conflicts()).toHaveLength(when === 'before' ? 1 : 0)
      if (when === 'before') await ben.engine.resolve.correct(conflict.id, { reason: 'r' })
      await ben.sync()
      expect(server.observation(draft.observationId)?.rawNoteText).toBe('by Ben')
    }
  })

  it('[ENG-25, CNF-12] more than 200 resolved conflicts are reported over several calls, and again until answered', async () => {
    const { server, anna, ben } = await testWorld()
    const ids = Array.from({ length: 230 }, (_, i) => `obs_20260211_${String(i).padStart(4, '0')}`)
    for (const observationId of ids) await anna.saved({ observationId })
    await anna.sync()
    for (const observationId of ids) await ben.saved({ observationId })
    await ben.sync()
    for (const { id } of await ben.engine.conflicts({ limit: 1000 }))
      await ben.engine.resolve.acceptServer(id)
    server.reports.length = 0
    ben.link.next('unsent', 'unsent', 'unsent')
    await ben.sync()
    expect(server.reports).toEqual([])
    await ben.sync()
    await ben.sync()
    await ben.sync()
    expect(server.reports.map(({ resolved }) => resolved?.length ?? 0)).toEqual([200, 30, 0])
  })
})
