import { Observation } from '@fieldsync/contracts'
import { canonicalText } from '@fieldsync/domain'
import { describe, expect, it } from 'vitest'

import { testWorld } from '../testing/test-world.ts'

/** Anna's draft, known to Ben. */
async function sharedDraft() {
  const world = await testWorld()
  const draft = await world.anna.saved()
  await world.anna.sync()
  await world.ben.sync()
  return { ...world, draft }
}

describe('taking over an answer', () => {
  it('[ENG-7] an edit that was made while the batch was away stays pending, and goes out next', async () => {
    const { server, anna } = await testWorld()
    const draft = await anna.saved()
    anna.link.next(async (answer) => {
      await anna.engine.saveObservation({ ...draft, rawNoteText: 'meanwhile' })
      return answer
    })
    await anna.sync()
    expect(anna.sent.map(({ upserts }) => upserts.observations.map((each) => each.rawNoteText))).toEqual([
      [draft.rawNoteText],
      ['meanwhile'],
    ])
    expect(server.observation(draft.observationId)?.rawNoteText).toBe('meanwhile')
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-7, CNF-2] a conflict keeps the losing value, and the record shows both sides', async () => {
    const { server, anna, ben, draft } = await sharedDraft()
    const { observationId } = draft
    await anna.engine.saveObservation({ ...draft, status: 'confirmed' })
    await anna.sync()
    ben.clock.advance(1_000)
    await ben.engine.saveObservation({ ...draft, rawNoteText: 'by Ben' })
    await ben.sync()
    const [conflict] = await ben.engine.conflicts()
    expect(conflict).toMatchObject({
      kind: 'server',
      losing: { rawNoteText: 'by Ben' },
      conflict: { code: 'OBSERVATION_IMMUTABLE', resolution: 'correct' },
    })
    const shown = await ben.engine.record('observation', observationId)
    expect(shown).toMatchObject({ status: 'conflict', document: { rawNoteText: 'by Ben' } })
    expect(canonicalText(shown?.server)).toBe(canonicalText(server.observation(observationId)))
    expect(ben.engine.status()).toMatchObject({ pending: 0, conflicts: 1 })
    expect(ben.eventsOf('conflict')).toHaveLength(1)
    expect(await ben.findings()).toEqual([])
  })

  it('[ENG-58] of several writes of a record that lose in one answer the last stays shown', async () => {
    const { anna, ben } = await testWorld()
    const observationId = 'obs_20260211_0001'
    await anna.saved({ observationId })
    await anna.sync()
    const his = await ben.saved({ observationId, status: 'confirmed' })
    await ben.engine.saveObservation({ ...his, status: 'logged' })
    await ben.engine.correct(observationId, { rawNoteText: 'seen again' }, 'misread')
    await ben.sync()
    const conflicts = await ben.engine.conflicts()
    expect(conflicts.map(({ losing }) => losing)).toMatchObject([
      { status: 'confirmed' },
      { status: 'logged' },
      { rawNoteText: 'seen again' },
    ])
    const shown = () => ben.engine.record('observation', observationId)
    expect(await shown()).toMatchObject({ status: 'conflict', document: { rawNoteText: 'seen again' } })
    expect(await ben.findings()).toEqual([])
    await ben.engine.resolve.discard(conflicts[2]?.id ?? '')
    expect(await shown()).toMatchObject({ status: 'conflict', document: { status: 'logged' } })
  })

  it('[ENG-7, GUA-3] pages are followed to the head, each with its cursor', async () => {
    const { anna, ben } = await testWorld({ settings: { pageRecords: 2 } })
    for (let i = 0; i < 5; i++) await anna.saved()
    await anna.sync()
    await ben.sync()
    expect(ben.sent).toHaveLength(3)
    expect(new Set(ben.sent.map(({ lastKnownServerCursor }) => lastKnownServerCursor)).size).toBe(3)
    expect(await ben.engine.records('observation')).toHaveLength(5)
    expect(ben.eventsOf('downstream').map(({ hasMore }) => hasMore)).toEqual([true, true, false])
  })

  it('[ENG-7, ENG-18] an answer that another tab has dealt with changes nothing', async () => {
    const { server, anna } = await testWorld()
    await anna.saved()
    const tab = await anna.anotherTab()
    // A lock that does not hold: both tabs believe that they have it, and the other is answered first.
    anna.store.exclusively = async (work) => ({ ran: true, value: await work(new AbortController().signal) })
    anna.link.next(async (answer) => {
      await tab.sync()
      return answer
    })
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
    expect(anna.position.stateHash).toBe(server.stateHash())
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-7, ENG-18] an old page that another tab has overtaken does not bring the old version back', async () => {
    const { server, anna, ben, draft } = await sharedDraft()
    const tab = await ben.anotherTab()
    ben.store.exclusively = async (work) => ({ ran: true, value: await work(new AbortController().signal) })
    const one = await anna.engine.saveObservation({ ...draft, rawNoteText: 'one' })
    if (!one.ok || !one.record.local) throw new Error('it was not stored')
    const { local } = one.record
    await anna.sync()
    ben.link.next(async (oldPage) => {
      await anna.engine.saveObservation({ ...local, rawNoteText: 'two' })
      await anna.sync()
      await tab.sync()
      return oldPage
    })
    await ben.sync()
    expect(await ben.engine.record('observation', draft.observationId)).toMatchObject({
      document: { rawNoteText: 'two' },
    })
    expect(ben.position.stateHash).toBe(server.stateHash())
  })

  it('[ENG-7] a re-send that the server knows keeps what it has, so that both sides stay the same text', async () => {
    const { server, anna, ben, draft } = await sharedDraft()
    ben.clock.advance(5_000)
    await ben.engine.saveObservation({ ...draft, updatedAt: new Date(ben.now).toISOString() })
    await ben.sync()
    const shown = await ben.engine.record('observation', draft.observationId)
    expect(shown?.server).toEqual(server.observation(draft.observationId))
    expect(shown?.server?.updatedAt).toBe(draft.updatedAt)
    expect(anna.position.stateHash).toBe(ben.position.stateHash)
  })

  it('[ENG-7, OBS-11] a known correction with an older status does not bring the older status back', async () => {
    const { server, anna, ben, draft } = await sharedDraft()
    const { observationId } = draft
    await anna.engine.saveObservation({ ...draft, status: 'confirmed' })
    await anna.engine.correct(observationId, { rawNoteText: 'corrected' }, 'misread')
    await anna.sync()
    await ben.sync()
    const corrected = Observation.parse(server.observation(observationId))
    await anna.engine.saveObservation({ ...corrected, status: 'logged' })
    await anna.sync()
    await ben.pullWhileHolding(async () => {
      await ben.engine.saveObservation(corrected)
    })
    await ben.sync()
    expect(ben.sent.findLast(({ upserts }) => upserts.observations.length > 0)?.upserts).toMatchObject({
      observations: [{ status: 'confirmed' }],
    })
    expect(await ben.engine.record('observation', observationId)).toMatchObject({
      status: 'synced',
      document: { status: 'logged' },
      server: { status: 'logged' },
    })
    expect(ben.position.stateHash).toBe(server.stateHash())
    expect(ben.eventsOf('drift')).toEqual([])
  })

  it('[ENG-7, HSH-2] a correction of a version that only others gave back to the server is taken over', async () => {
    const { server, anna, ben, draft } = await sharedDraft()
    const { observationId } = draft
    await anna.engine.saveObservation({ ...draft, status: 'confirmed' })
    await anna.sync()
    await ben.sync()
    const backup = server.backup()
    await ben.engine.correct(observationId, { rawNoteText: 'first' }, 'misread')
    await ben.sync()
    await anna.sync()
    server.restore(backup)
    await ben.engine.correct(observationId, { rawNoteText: 'second' }, 'misread')
    await ben.sync()
    const [conflict] = await ben.engine.conflicts()
    expect(conflict).toMatchObject({ conflict: { code: 'OBSERVATION_CORRECTION_STALE' } })
    await anna.sync()
    await ben.engine.resolve.resubmit(conflict?.id ?? '')
    await ben.sync()
    expect(server.observation(observationId)?.rawNoteText).toBe('second')
    expect(await ben.engine.record('observation', observationId)).toMatchObject({
      status: 'synced',
      server: { rawNoteText: 'second' },
    })
    expect(ben.position.stateHash).toBe(server.stateHash())
    expect(ben.eventsOf('drift')).toEqual([])
  })
})

describe('what comes down over a pending edit', () => {
  it('[ENG-8] a newer draft of another leaves the edit, and lays it aside as a local conflict', async () => {
    const { anna, ben, draft } = await sharedDraft()
    anna.skew = 60_000
    await anna.engine.saveObservation({ ...draft, rawNoteText: 'Anna, later' })
    await anna.sync()
    await ben.pullWhileHolding(async () => {
      await ben.engine.saveObservation({ ...draft, rawNoteText: 'Ben, earlier' })
    })
    expect(ben.engine.status()).toMatchObject({ conflicts: 1, pending: 0 })
    expect(await ben.engine.conflicts()).toMatchObject([{ kind: 'local', code: 'OBSERVATION_STALE_WRITE' }])
    const shown = await ben.engine.record('observation', draft.observationId)
    expect(shown).toMatchObject({
      document: { rawNoteText: 'Ben, earlier' },
      server: { rawNoteText: 'Anna, later' },
    })
  })

  it('[ENG-8] an edit that still wins stays pending on top of the new server side', async () => {
    const { server, anna, ben, draft } = await sharedDraft()
    await anna.engine.saveObservation({ ...draft, rawNoteText: 'Anna, earlier' })
    await anna.sync()
    ben.clock.advance(1_000)
    const { observationId: held } = await ben.saved({ rawNoteText: 'x' })
    await ben.pullWhileHolding(async () => {
      await ben.engine.saveObservation({ ...draft, rawNoteText: 'Ben, later' })
    })
    const shown = await ben.engine.record('observation', draft.observationId)
    expect(shown).toMatchObject({
      status: 'in_flight',
      document: { rawNoteText: 'Ben, later' },
      server: { rawNoteText: 'Anna, earlier' },
    })
    await ben.sync()
    expect(server.observation(draft.observationId)?.rawNoteText).toBe('Ben, later')
    expect(server.observation(held)).toBeDefined()
  })

  it('[ENG-8] of a chain only the first edit that loses is laid aside; what follows waits behind it', async () => {
    const { anna, ben, draft } = await sharedDraft()
    const { observationId } = draft
    await anna.engine.saveObservation({ ...draft, status: 'confirmed' })
    await anna.engine.correct(observationId, { rawNoteText: 'corrected by Anna' }, 'misread')
    await anna.sync()
    await ben.pullWhileHolding(async () => {
      await ben.engine.saveObservation({ ...draft, status: 'confirmed', rawNoteText: 'Ben' })
      await ben.engine.correct(observationId, { rawNoteText: 'Ben again' }, 'misread')
    })
    expect(ben.engine.status()).toMatchObject({ conflicts: 1, pending: 1 })
    expect(await ben.engine.conflicts()).toMatchObject([
      { kind: 'local', code: 'OBSERVATION_IMMUTABLE', losing: { rawNoteText: 'Ben' } },
    ])
    expect(await ben.engine.record('observation', observationId)).toMatchObject({
      status: 'conflict',
      document: { rawNoteText: 'Ben again' },
    })
    expect(await ben.findings()).toEqual([])
  })

  it('[ENG-8] an edit that only its own predecessor makes impossible is left to the server', async () => {
    const { anna, ben, draft } = await sharedDraft()
    const advice = ben.advice({ observationId: draft.observationId })
    await ben.engine.saveRecommendation(advice)
    await ben.sync()
    await anna.sync()
    await anna.engine.saveRecommendation({ ...advice, rationale: ['seen by Anna'] })
    await anna.sync()
    ben.clock.advance(1_000)
    await ben.pullWhileHolding(async () => {
      const first = await ben.engine.saveRecommendation({ ...advice, status: 'confirmed', action: 'spray' })
      if (!first.ok || !first.record.local) throw new Error('the first decision was not stored')
      await ben.engine.saveRecommendation({ ...first.record.local, action: 'wait' })
    })
    expect(ben.engine.status()).toMatchObject({ conflicts: 0, pending: 2 })
    await ben.sync()
    expect(await ben.engine.conflicts()).toMatchObject([
      { kind: 'server', losing: { action: 'wait' }, conflict: { code: 'RECOMMENDATION_IMMUTABLE' } },
    ])
    expect(await ben.findings()).toEqual([])
  })

  it('[ENG-8, DWN-6] a tombstone takes the record away, and lays an edit of it aside', async () => {
    const { server, anna, ben, draft } = await sharedDraft()
    server.delete('observation', draft.observationId)
    await anna.sync()
    expect(await anna.engine.record('observation', draft.observationId)).toBeNull()
    await ben.pullWhileHolding(async () => {
      await ben.engine.saveObservation({ ...draft, rawNoteText: 'still here' })
    })
    expect(await ben.engine.conflicts()).toMatchObject([
      {
        kind: 'local',
        server: null,
        code: null,
        resolution: 'resubmit',
        losing: { rawNoteText: 'still here' },
      },
    ])
    expect(ben.eventsOf('downstream').at(-1)).toMatchObject({ deleted: [{ id: draft.observationId }] })
    expect(ben.position.stateHash).toBe(server.stateHash())
  })

  it('[ENG-8, DWN-4] a recommendation may come before its observation', async () => {
    const { anna, ben } = await testWorld({ settings: { pageRecords: 1 } })
    const draft = await anna.saved()
    await anna.engine.saveRecommendation(anna.advice({ observationId: draft.observationId }))
    await anna.sync()
    await anna.engine.saveObservation({ ...draft, rawNoteText: 'moved behind' })
    await anna.sync()
    await ben.sync()
    expect(await ben.engine.records('recommendation')).toHaveLength(1)
    expect(await ben.engine.records('observation')).toMatchObject([
      { document: { rawNoteText: 'moved behind' } },
    ])
  })
})
