import { describe, expect, it } from 'vitest'

import { testWorld } from '../testing/test-world.ts'

const DAY = 24 * 60 * 60_000

/** Anna's advice on a note of `author`, at a server that then lost both and is met `age` later. */
async function lostTogether(author: 'anna' | 'ben', age: number) {
  const world = await testWorld()
  const { clock, server, anna } = world
  const nothing = server.backup()
  const note = await world[author].saved({ status: 'confirmed' })
  await world[author].sync()
  await anna.sync()
  const advice = anna.advice({ observationId: note.observationId })
  await anna.engine.saveRecommendation(advice)
  await anna.sync()
  const sent = server.recommendation(advice.recommendationId)
  if (!sent) throw new Error('the server did not take the recommendation')
  clock.advance(age)
  server.restore(nothing)
  await anna.sync()
  const name = { type: 'recommendation', id: advice.recommendationId } as const
  const ofNote = { type: 'observation', id: note.observationId } as const
  return { ...world, note, sent, name, ofNote }
}

describe('a recommendation whose observation is only on this device', () => {
  it('[ENG-70, CUR-8] is only on this device too once it has waited 30 days, and no conflict', async () => {
    const { clock, server, anna, name, sent } = await lostTogether('ben', 0)
    clock.advance(29 * DAY)
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 1, conflicts: 0, localOnly: 1 })
    clock.advance(DAY)
    const calls = anna.sent.length
    await anna.sync()
    expect(anna.sent.slice(calls).flatMap(({ upserts }) => upserts.recommendations)).toEqual([])
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0, localOnly: 2 })
    expect(await anna.engine.record(...at(name))).toMatchObject({ status: 'local_only', localOnly: sent })
    expect(anna.eventsOf('localOnly').at(-1)).toMatchObject({ records: [name] })
    expect(server.recommendation(name.id)).toBeUndefined()
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-70] goes out on its author’s word once the observation is back', async () => {
    const { clock, server, anna, ben, name } = await lostTogether('ben', 0)
    clock.advance(30 * DAY)
    await anna.sync()
    expect(await anna.engine.localOnly.resend(name)).toMatchObject({
      ok: false,
      issues: [{ path: '/observationId', code: 'other_author' }],
    })
    await ben.sync()
    await ben.engine.localOnly.resendOwn()
    await ben.sync()
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 0, localOnly: 1 })
    expect(await anna.engine.localOnly.resend(name)).toMatchObject({ ok: true })
    await anna.sync()
    expect(server.recommendation(name.id)).toBeDefined()
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0, localOnly: 0 })
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-70, ENG-43] goes out with its observation when a person sends that', async () => {
    const { server, anna, name, ofNote } = await lostTogether('anna', 40 * DAY)
    expect(anna.engine.status()).toMatchObject({ pending: 0, localOnly: 2 })
    expect(await anna.engine.localOnly.resend(ofNote)).toMatchObject({ ok: true })
    expect(anna.engine.status()).toMatchObject({ pending: 2 })
    await anna.sync()
    expect(server.recommendation(name.id)).toBeDefined()
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0, localOnly: 0 })
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-70, ENG-43] stays where a person sends another observation', async () => {
    const { clock, server, anna } = await testWorld()
    const nothing = server.backup()
    const notes = [await anna.saved({ status: 'confirmed' }), await anna.saved({ status: 'confirmed' })]
    for (const { observationId } of notes)
      await anna.engine.saveRecommendation(anna.advice({ observationId }))
    await anna.sync()
    clock.advance(40 * DAY)
    server.restore(nothing)
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 0, localOnly: 4 })
    const id = notes[0]?.observationId ?? ''
    expect(await anna.engine.localOnly.resend({ type: 'observation', id })).toMatchObject({ ok: true })
    expect(anna.engine.status().pending).toBe(2)
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 0, localOnly: 2 })
  })

  it('[ENG-70, ENG-43] takes the observation along with an edit, where this device wrote that', async () => {
    const { server, anna, name, note, sent } = await lostTogether('anna', 40 * DAY)
    await anna.engine.saveRecommendation({ ...sent, status: 'confirmed' }, { basedOn: sent })
    await anna.sync()
    expect(server.observation(note.observationId)).toEqual(note)
    expect(server.recommendation(name.id)).toMatchObject({ status: 'confirmed' })
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0, localOnly: 0 })
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-70, ENG-5] is held back with an edit or as a new one, until another device has brought the observation', async () => {
    const { server, anna, ben, name, note, sent } = await lostTogether('ben', 40 * DAY)
    await anna.engine.saveRecommendation({ ...sent, status: 'confirmed' }, { basedOn: sent })
    const another = anna.advice({ observationId: note.observationId })
    await anna.engine.saveRecommendation(another)
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 2, conflicts: 0 })
    await ben.sync()
    await ben.engine.localOnly.resendOwn()
    await ben.sync()
    await anna.sync()
    expect(server.recommendation(name.id)).toMatchObject({ status: 'confirmed' })
    expect(server.recommendation(another.recommendationId)).toBeDefined()
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0, localOnly: 0 })
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-70, GUA-10] waits for a person, and is asked about once the observation was given up', async () => {
    const { anna, note, ofNote } = await lostTogether('ben', 40 * DAY)
    await anna.engine.saveRecommendation(anna.advice({ observationId: note.observationId }))
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 1, conflicts: 0 })
    expect(await anna.engine.localOnly.discard(ofNote)).toMatchObject({ ok: true })
    await anna.sync()
    expect(await anna.engine.conflicts()).toMatchObject([{ conflict: { code: 'RECOMMENDATION_ORPHAN' } }])
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 1 })
    expect(await anna.findings()).toEqual([])
  })
})

const at = ({ type, id }: { type: 'recommendation'; id: string }) => [type, id] as const
