import { describe, expect, it } from 'vitest'

import { savedOf } from '../testing/open-form.ts'
import { testWorld } from '../testing/test-world.ts'

const DAY = 24 * 60 * 60_000

describe('a server that was restored from a backup', () => {
  it('[CUR-8, CUR-6] gets a recommendation again once it has its observation from another’s device', async () => {
    const { server, anna, ben } = await testWorld()
    const backup = server.backup()
    const { observationId } = await ben.saved()
    await ben.sync()
    await anna.sync()
    const advice = anna.advice({ observationId })
    await anna.engine.saveRecommendation(advice)
    await anna.sync()
    server.restore(backup)
    await anna.sync()
    await anna.sync()
    expect(server.recommendation(advice.recommendationId)).toBeUndefined()
    // It waits as long as the other device is away, and nobody is asked.
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 1, conflicts: 0 })
    await ben.sync()
    await anna.sync()
    expect(server.recommendation(advice.recommendationId)).toBeDefined()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0 })
    expect(await anna.findings()).toEqual([])
  })

  it.each([
    ['a year', 365 * DAY, 0],
    ['ten days', 10 * DAY, 40 * DAY],
    ['a week, and behind by as much,', -7 * DAY, 23 * DAY],
  ])(
    '[CUR-8, ENG-70, GUA-10] is waited for no longer than that by a device whose clock was ahead by %s when it began to wait',
    async (_, ahead, waits) => {
      const { clock, server, anna, ben } = await testWorld()
      const backup = server.backup()
      const { observationId } = await ben.saved()
      await ben.sync()
      await anna.sync()
      const { recommendationId } = await savedOf(
        anna.engine.saveRecommendation(anna.advice({ observationId })),
      )
      anna.skew = ahead
      await anna.sync()
      server.restore(backup)
      await anna.sync()
      expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 1 })
      anna.skew = 0
      if (waits > 0) {
        clock.advance(waits - 1)
        await anna.sync()
        expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 1 })
        clock.advance(1)
      }
      await anna.sync()
      // Its observation is only on this device as well, and a person decides about both.
      expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
      expect(await anna.engine.recordStatus('recommendation', recommendationId)).toBe('local_only')
    },
  )

  it('[CUR-8, OBS-2] gets a version of another’s observation again behind the author’s, with what rests on it', async () => {
    const { server, anna, ben } = await testWorld()
    const backup = server.backup()
    const draft = await ben.saved()
    await ben.sync()
    await anna.sync()
    anna.clock.advance(1_000)
    await anna.engine.saveObservation({ ...draft, rawNoteText: 'edited by Anna' })
    const advice = anna.advice({ observationId: draft.observationId })
    await anna.engine.saveRecommendation(advice)
    await anna.sync()
    server.restore(backup)
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 2, conflicts: 0 })
    // Ben’s device has not seen the edit: it sends what it had.
    await ben.sync()
    await anna.sync()
    expect(server.observation(draft.observationId)?.rawNoteText).toBe('edited by Anna')
    expect(server.recommendation(advice.recommendationId)).toBeDefined()
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
    await ben.sync()
    for (const { position } of [anna, ben]) expect(position.stateHash).toBe(server.stateHash())
    expect(await anna.findings()).toEqual([])
  })

  it('[CUR-8, ACC-11] gets another’s observation at once from a device that may write for others', async () => {
    const { server, ben, device } = await testWorld({ role: 'admin' })
    const admin = await device('admin')
    admin.become('admin')
    const backup = server.backup()
    const draft = await ben.saved()
    await ben.sync()
    await admin.sync()
    admin.clock.advance(1_000)
    await admin.engine.saveObservation({ ...draft, rawNoteText: 'edited' })
    await admin.sync()
    server.restore(backup)
    await admin.sync()
    expect(server.observation(draft.observationId)?.rawNoteText).toBe('edited')
    expect(admin.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
  })

  it.each([
    ['waits for a person', 'never'],
    ['got another id', 'before'],
    ['gets another id later, with an edit behind it', 'after'],
  ])(
    '[CUR-8, GUA-10] sends an observation whose first answer was lost and that others changed then, where her write %s',
    async (_, renamed) => {
      const { server, anna, ben } = await testWorld()
      const backup = server.backup()
      anna.link.next('lost', 'lost', 'lost')
      const { observationId } = await anna.saved()
      await anna.sync()
      await ben.sync()
      const basedOn = (await ben.engine.record('observation', observationId))?.document
      if (!basedOn) throw new Error('the observation did not arrive')
      await ben.engine.saveObservation({ ...basedOn, rawNoteText: 'by Ben' }, { basedOn })
      await ben.sync()
      // Given up and pulled, her records go out in a new batch, behind his.
      anna.link.next(() => server.refuse('IDEMPOTENCY_CONFLICT'))
      await anna.sync()
      expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 1 })
      const rename = async () => {
        for (const { id } of await anna.engine.conflicts()) await anna.engine.resolve.rename(id)
        await anna.sync()
      }
      if (renamed === 'before') await rename()
      const shown = (await anna.engine.record('observation', observationId))?.document
      if (renamed === 'after' && shown)
        await anna.engine.saveObservation({ ...shown, rawNoteText: 'later' }, { basedOn: shown })
      server.restore(backup)
      await anna.sync()
      if (renamed === 'after') await rename()
      await ben.sync()
      await anna.sync()
      await ben.sync()
      expect(ben.engine.status()).toMatchObject({ pending: 0 })
      expect(server.observation(observationId)?.rawNoteText).toBe('by Ben')
    },
  )

  it('[CUR-8, GUA-10] sends one that others changed before her first write came back as a conflict', async () => {
    const { server, anna, ben } = await testWorld()
    const backup = server.backup()
    anna.link.next('lost', 'lost', 'lost')
    const { observationId } = await anna.saved()
    await anna.saved()
    await anna.sync()
    await ben.sync()
    const basedOn = (await ben.engine.record('observation', observationId))?.document
    if (!basedOn) throw new Error('the observation did not arrive')
    await ben.engine.saveObservation({ ...basedOn, rawNoteText: 'by Ben' }, { basedOn })
    await ben.sync()
    // In smaller batches both go out again, behind his, without a pull before.
    anna.link.next(() => server.refuse('PAYLOAD_TOO_LARGE'))
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 1 })
    server.restore(backup)
    await ben.sync()
    expect(ben.engine.status()).toMatchObject({ pending: 1 })
    await anna.sync()
    await ben.sync()
    expect(ben.engine.status()).toMatchObject({ pending: 0 })
    expect(server.observation(observationId)?.rawNoteText).toBe('by Ben')
  })

  it('[CUR-8, OBS-4, GUA-10] gets nothing from a device whose note’s id another’s note has taken', async () => {
    const { server, anna, ben } = await testWorld()
    const backup = server.backup()
    const observationId = 'obs_20260211_0001'
    await ben.saved({ observationId })
    await ben.sync()
    server.restore(backup)
    await anna.saved({ observationId })
    await anna.sync()
    await ben.sync()
    expect(ben.engine.status()).toMatchObject({ pending: 0, conflicts: 1 })
    server.restore(backup)
    // What is under the id by now is Anna’s, which her device alone may send.
    await ben.sync()
    expect(ben.engine.status()).toMatchObject({ pending: 0, conflicts: 1, localOnly: 1 })
    expect(await ben.findings()).toEqual([])
  })

  it('[CUR-8, GUA-10] asks a person for one whose observation was given up here and did not come back in 30 days', async () => {
    const { clock, server, anna, ben } = await testWorld()
    const backup = server.backup()
    const { observationId } = await ben.saved()
    await ben.sync()
    await anna.sync()
    await anna.engine.saveRecommendation(anna.advice({ observationId }))
    await anna.sync()
    server.restore(backup)
    await anna.sync()
    await anna.engine.localOnly.discard({ type: 'observation', id: observationId })
    clock.advance(29 * DAY)
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 1, conflicts: 0 })
    clock.advance(DAY)
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 1 })
    expect(await anna.engine.conflicts()).toMatchObject([{ conflict: { code: 'RECOMMENDATION_ORPHAN' } }])
  })
})
