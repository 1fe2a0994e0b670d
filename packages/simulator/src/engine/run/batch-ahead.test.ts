import type { Observation } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { savedOf } from '../testing/open-form.ts'
import { idsOf, keysOf, onAhead, queueOf, storedOf } from '../testing/stored-batches.ts'
import type { TestDevice } from '../testing/test-device.ts'
import { testWorld } from '../testing/test-world.ts'

describe('the batch ahead', () => {
  it('[ENG-87] is stored and goes out once the answer is there, before that is applied', async () => {
    const { server, anna, saved } = await queueOf(6)
    const stored: (string | undefined)[][] = []
    anna.link.always = (answer) => {
      stored.push(storedOf(anna))
      return answer
    }
    await anna.sync()
    const [first, second, third] = keysOf(anna.link.calls)
    expect(stored.slice(0, 3)).toEqual([
      [first, undefined],
      [first, second],
      [second, third],
    ])
    expect(anna.link.calls.slice(0, 3).flatMap(idsOf)).toEqual(saved.map((each) => each.observationId))
    expect(anna.sent.slice(0, 3).map(({ report }) => report?.pending)).toEqual([6, 4, 2])
    expect(server.size).toBe(7)
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0 })
    expect(anna.position.stateHash).toBe(server.stateHash())
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-87] starts at the cursor of the answer that is not applied yet, so that nothing comes down twice', async () => {
    const { anna } = await queueOf(6)
    await anna.sync()
    expect(anna.eventsOf('downstream')).toEqual([])
    expect(new Set(anna.sent.slice(0, 3).map((each) => each.lastKnownServerCursor)).size).toBe(3)
  })

  it('[ENG-87] is never one where one stored batch is all that is wanted', async () => {
    const { anna } = await testWorld({ settings: { batchRecords: 2, storedBatches: 1 } })
    for (let i = 0; i < 6; i++) await anna.saved()
    const ahead: unknown[] = []
    anna.disk.atCommit = () => ahead.push(storedOf(anna)[1])
    await anna.sync()
    expect(ahead.filter((each) => each !== undefined)).toEqual([])
    expect(anna.engine.status()).toMatchObject({ pending: 0 })
  })

  it('[ENG-5, ENG-87] holds no later write of a record in flight, and no recommendation on one', async () => {
    const { server, anna } = await queueOf(0, 1)
    const [note, other] = [anna.note({ status: 'confirmed' }), anna.note()]
    await anna.engine.saveObservation(note)
    await anna.engine.correct(note.observationId, { rawNoteText: 'corrected' }, 'misread')
    const advice = anna.advice({ observationId: note.observationId })
    await anna.engine.saveRecommendation(advice)
    await anna.engine.saveObservation(other)
    const beside: string[][] = []
    onAhead(anna, () => beside.push(idsOf(anna.link.calls.at(-1))))
    await anna.sync()
    const sent = anna.link.calls.map(idsOf).filter((ids) => ids.length > 0)
    expect(beside).toEqual([[note.observationId]])
    expect(sent).toEqual([
      [note.observationId],
      [other.observationId],
      [note.observationId],
      [advice.recommendationId],
    ])
    expect(server.observation(note.observationId)?.rawNoteText).toBe('corrected')
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
  })

  it('[ENG-5, ENG-87] leaves a recommendation behind whose observation is in flight', async () => {
    const { anna } = await queueOf(0, 1)
    const note = anna.note()
    const advice = anna.advice({ observationId: note.observationId })
    await anna.engine.saveObservation(note)
    await anna.engine.saveRecommendation(advice)
    const other = await anna.saved()
    await anna.sync()
    const sent = anna.link.calls.map(idsOf).filter((ids) => ids.length > 0)
    expect(sent).toEqual([[note.observationId], [other.observationId], [advice.recommendationId]])
  })

  it('[ENG-87] follows no answer with a conflict: what rests on the loser would go out', async () => {
    const { anna, ben, saved } = await queueOf(4)
    const [{ observationId } = ben.note()] = saved
    await ben.engine.saveObservation(ben.note({ observationId }))
    await ben.sync()
    const ahead: unknown[] = []
    anna.disk.atCommit = () => ahead.push(storedOf(anna)[1])
    anna.link.next((answer) => {
      expect(JSON.parse(answer.body)).toMatchObject({ conflicts: [{ code: 'OBSERVATION_ID_TAKEN' }] })
      return answer
    })
    await anna.sync()
    expect(ahead.filter((each) => each !== undefined)).toEqual([])
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 1 })
  })

  it('[ENG-8, ENG-87] follows no answer that brings one of its records: the edit is a local conflict, and not sent', async () => {
    const { server, anna, ben, saved } = await queueOf(1)
    const [note] = saved
    if (!note) throw new Error('nothing was saved')
    await anna.sync()
    await ben.sync()
    for (let i = 0; i < 2; i++) await anna.saved()
    const edited = ({ engine, now }: TestDevice, rawNoteText: string, later: number) => {
      const updatedAt = new Date(now + later).toISOString()
      return savedOf(engine.saveObservation({ ...note, rawNoteText, updatedAt }, { basedOn: note }))
    }
    await edited(anna, 'by Anna', 1_000)
    await edited(ben, 'by Ben', 2_000)
    await ben.sync()
    anna.link.calls.length = 0
    await anna.sync()
    expect(anna.link.calls.flatMap(idsOf)).not.toContain(note.observationId)
    expect(server.observation(note.observationId)?.rawNoteText).toBe('by Ben')
    expect((await anna.engine.conflicts()).map(({ kind }) => kind)).toEqual(['local'])
  })

  it('[ENG-4, ENG-87] keeps what it was sent with where an edit replaces that in the store: the edit follows it', async () => {
    const { server, anna, saved } = await queueOf(4)
    const third = saved[2]
    if (!third) throw new Error('nothing was saved')
    const edits: Promise<unknown>[] = []
    onAhead(anna, () => {
      const updatedAt = new Date(anna.now + 1_000).toISOString()
      edits.push(anna.engine.saveObservation({ ...third, rawNoteText: 'second look', updatedAt }))
    })
    const findings: string[] = []
    anna.link.always = async (answer) => {
      findings.push(...(await anna.findings()))
      return answer
    }
    await anna.sync()
    await Promise.all(edits)
    const texts = anna.sent.flatMap(({ upserts }) =>
      upserts.observations.flatMap((each) =>
        each.observationId === third.observationId ? [each.rawNoteText] : [],
      ),
    )
    expect(texts).toEqual([third.rawNoteText, 'second look'])
    expect(server.observation(third.observationId)?.rawNoteText).toBe('second look')
    expect([...findings, ...(await anna.findings())]).toEqual([])
    expect(anna.eventsOf('drift')).toEqual([])
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0 })
    expect(anna.position.stateHash).toBe(server.stateHash())
  })

  it('[ENG-38, ENG-87] is not sent as it was prepared where a write is parked meanwhile', async () => {
    const { anna, saved } = await queueOf(4)
    const third = saved[2]
    if (!third) throw new Error('nothing was saved')
    const edited = (rawNoteText: string) =>
      anna.engine.saveObservation({ ...third, rawNoteText }, { basedOn: third })
    await edited('the first edit')
    anna.link.next(async (answer) => {
      // Once the next batch is prepared.
      await anna.ended()
      await edited('another one, from the same form')
      return answer
    })
    await anna.sync()
    expect(anna.link.calls.flatMap(idsOf)).not.toContain(third.observationId)
    expect(anna.engine.status()).toMatchObject({ pending: 1, conflicts: 1 })
  })

  it('[ENG-87] is given up with the batch before it, and its writes may have been decided on', async () => {
    const { server, anna } = await queueOf(4)
    onAhead(anna, () => anna.die())
    await anna.sync()
    const [first, second] = storedOf(anna)
    expect([first, second]).not.toContain(undefined)
    await anna.restart()
    anna.link.calls.length = 0
    anna.link.next(server.refuse('IDEMPOTENCY_CONFLICT'))
    const { nextSequence } = anna.tables.values.get('queue') as { nextSequence: number }
    await anna.sync()
    expect(keysOf(anna.link.calls)[0]).toBe(first)
    expect(keysOf(anna.link.calls)).not.toContain(second)
    expect(anna.tables.values.get('queue')).toMatchObject({ unsettledBefore: nextSequence })
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0 })
    expect(server.size).toBe(5)
  })
})

describe('after a crash', () => {
  it('[ENG-3, ENG-87] both stored batches go out again unchanged, in their order', async () => {
    const { server, anna } = await queueOf(6)
    anna.link.instead = ({ idempotencyKey }) => {
      if (storedOf(anna)[1] !== idempotencyKey) return null
      anna.die()
      return server.refuse('UNAVAILABLE')
    }
    await anna.sync()
    anna.link.instead = null
    const [first, second] = storedOf(anna)
    const bodies = anna.link.calls.map(({ body }) => body)
    expect(keysOf(anna.link.calls)).toEqual([first, second])
    await anna.restart()
    anna.link.calls.length = 0
    await anna.sync()
    expect(keysOf(anna.link.calls).slice(0, 2)).toEqual([first, second])
    expect(anna.link.calls.slice(0, 2).map(({ body }) => body)).toEqual(bodies)
    expect(anna.tables.values.get('queue')).toMatchObject({ unsettledBefore: 0 })
    expect(server.size).toBe(7)
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0 })
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-29, ENG-88] one whose text an edit has replaced is discarded, and its writes are sent as undecided ones', async () => {
    const { server, anna, saved } = await queueOf(4)
    const third = saved[2] as Observation
    onAhead(anna, () => anna.die())
    await anna.sync()
    const [first, second] = storedOf(anna)
    await anna.restart()
    anna.link.calls.length = 0
    const updatedAt = new Date(anna.now + 1_000).toISOString()
    await savedOf(anna.engine.saveObservation({ ...third, rawNoteText: 'second look', updatedAt }))
    await anna.sync()
    expect(keysOf(anna.link.calls)[0]).toBe(first)
    expect(keysOf(anna.link.calls)).not.toContain(second)
    expect(anna.tables.values.get('queue')).not.toMatchObject({ unsettledBefore: 0 })
    expect(server.observation(third.observationId)?.rawNoteText).toBe('second look')
    expect(server.size).toBe(5)
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0 })
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-3, ENG-18, ENG-87] another tab sends both again', async () => {
    const { server, anna } = await queueOf(6)
    onAhead(anna, () => anna.die())
    await anna.sync()
    const [first, second] = storedOf(anna)
    anna.link.calls.length = 0
    const tab = await anna.anotherTab()
    await tab.sync()
    await tab.stop()
    expect(keysOf(anna.link.calls).slice(0, 2)).toEqual([first, second])
    expect(server.size).toBe(7)
    expect(await anna.findings()).toEqual([])
    await anna.restart()
  })

  it('[ENG-87] one that a restored server answers otherwise takes the one behind it along', async () => {
    const { server, anna } = await queueOf(6)
    const backup = server.backup()
    onAhead(anna, () => anna.die())
    await anna.sync()
    const [, second] = storedOf(anna)
    server.restore(backup)
    await anna.restart()
    anna.link.calls.length = 0
    await anna.sync()
    expect(keysOf(anna.link.calls)).not.toContain(second)
    expect(server.size).toBe(7)
    expect(anna.position.stateHash).toBe(server.stateHash())
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0 })
  })

  it('[GUA-9, ENG-87] at any moment nothing is lost or doubled, whatever was stored', async () => {
    const { anna: undisturbed } = await queueOf(7)
    const before = undisturbed.disk.commits
    await undisturbed.sync()
    const commits = undisturbed.disk.commits - before
    for (let commit = 0; commit < commits; commit++) {
      for (const when of ['before', 'after'] as const) {
        const { server, anna, saved } = await queueOf(7)
        anna.crashAt(commit, when)
        await anna.sync()
        expect(await anna.findings()).toEqual([])
        const stored = storedOf(anna).filter((key) => key !== undefined)
        await anna.restart()
        anna.link.calls.length = 0
        await anna.sync()
        expect(keysOf(anna.link.calls).slice(0, stored.length), `${when} ${commit}`).toEqual(stored)
        expect(saved.map((each) => server.observation(each.observationId))).not.toContain(undefined)
        expect(server.size).toBe(8)
        expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0 })
        expect(anna.position.stateHash).toBe(server.stateHash())
        expect(await anna.findings()).toEqual([])
      }
    }
  })
})
