import { Observation } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import type { TestDevice } from '../testing/test-device.ts'
import { testWorld, type TestWorld } from '../testing/test-world.ts'

/** A confirmed note that Anna corrected, and then corrected back: its checksum is the first one again (OBS-15). */
async function correctedBack({ server, anna }: TestWorld) {
  const { observationId, rawNoteText } = await anna.saved({ status: 'confirmed' })
  await anna.engine.correct(observationId, { rawNoteText: 'corrected' }, 'misread')
  await anna.sync()
  const corrected = Observation.parse(server.observation(observationId))
  await anna.engine.correct(observationId, { rawNoteText }, 'was right')
  await anna.sync()
  return corrected
}

const textAt = async (device: TestDevice, { observationId }: Observation) =>
  (await device.engine.record('observation', observationId))?.document.rawNoteText

async function expectSameCopies({ server, ben }: TestWorld): Promise<void> {
  expect(ben.position.stateHash).toBe(server.stateHash())
  for (const { id, document } of await ben.engine.records('observation'))
    expect(document).toEqual(server.observation(id))
  expect(ben.eventsOf('drift')).toEqual([])
  expect(ben.tables.values.get('openOutcomes')).toBeUndefined()
  expect(await ben.findings()).toEqual([])
}

/** An earlier version, written once more over the newest that the device has. */
const savedAgain = async ({ engine }: TestWorld['ben'], earlier: Observation) => {
  const basedOn = (await engine.record('observation', earlier.observationId))?.document
  return engine.saveObservation(earlier, { basedOn })
}

describe('an accepted correction that follows from the server’s version', () => {
  it('[ENG-46, OBS-11] is not taken over where the server knew it from its history', async () => {
    const world = await testWorld()
    const known = await correctedBack(world)
    await world.ben.sync()
    expect(await savedAgain(world.ben, known)).toMatchObject({ ok: true, likelyConflict: null })
    await world.ben.sync()
    expect(world.ben.eventsOf('accepted')).toHaveLength(1)
    expect(await textAt(world.ben, known)).not.toBe('corrected')
    await expectSameCopies(world)
  })

  it('[ENG-46, OBS-11] changes nothing behind a newer one where it is the version that the device had of the server', async () => {
    const world = await testWorld()
    const { server, anna, ben } = world
    const { observationId, rawNoteText } = await anna.saved({ status: 'confirmed' })
    await anna.engine.correct(observationId, { rawNoteText: 'corrected' }, 'misread')
    await anna.sync()
    const known = Observation.parse(server.observation(observationId))
    await ben.sync()
    // Both in one batch; the first has the content that the known one corrected.
    await ben.engine.correct(observationId, { rawNoteText }, 'was right')
    await savedAgain(ben, known)
    await ben.sync()
    expect(await textAt(ben, known)).toBe(rawNoteText)
    await expectSameCopies(world)
  })

  it('[ENG-46, OBS-8] that comes to the content of others is followed by its status, further along', async () => {
    const world = await testWorld()
    const { anna, ben } = world
    const { observationId } = await ben.saved({ status: 'confirmed' })
    await ben.sync()
    await anna.sync()
    await anna.engine.correct(observationId, { rawNoteText: 'by Anna' }, 'misread')
    await ben.engine.correct(observationId, { rawNoteText: 'by both' }, 'misread')
    await anna.sync()
    await ben.sync()
    const [conflict] = await ben.engine.conflicts()
    expect(await ben.engine.resolve.resubmit(conflict?.id ?? '')).toMatchObject({ ok: true })
    const mine = await ben.engine.record('observation', observationId)
    await ben.engine.saveObservation({ ...Observation.parse(mine?.document), status: 'logged' })
    // What she makes of her own correction is what he writes: his is no change to it, and his status is one (OBS-3).
    await anna.engine.correct(observationId, { rawNoteText: 'by both' }, 'read again')
    await anna.sync()
    await ben.sync()
    expect(await ben.engine.record('observation', observationId)).toMatchObject({
      document: { rawNoteText: 'by both', status: 'logged' },
    })
    await expectSameCopies(world)
  })

  it('[ENG-46, HSH-2] is distinguished from the others of its batch by the state hash', async () => {
    const world = await testWorld()
    const { anna, ben } = world
    const known = [await correctedBack(world), await correctedBack(world), await correctedBack(world)]
    const fresh = [await anna.saved({ status: 'confirmed' }), await anna.saved({ status: 'confirmed' })]
    await anna.sync()
    await ben.sync()
    for (const { observationId } of fresh)
      await ben.engine.correct(observationId, { rawNoteText: 'by Ben' }, 'misread')
    for (const each of known) await savedAgain(ben, each)
    await ben.sync()
    expect(ben.sent.at(-1)?.upserts.observations).toHaveLength(5)
    for (const each of fresh) expect(await textAt(ben, each)).toBe('by Ben')
    await expectSameCopies(world)
  })

  it.each(['known', 'new'] as const)(
    '[ENG-46, GUA-4] stays open while pages follow, over a restart too (%s to the server)',
    async (which) => {
      const world = await testWorld({ settings: { pageRecords: 2 } })
      const { anna, ben } = world
      const corrected = await correctedBack(world)
      await ben.sync()
      for (let i = 0; i < 5; i++) await anna.saved()
      await anna.sync()
      if (which === 'known') await savedAgain(ben, corrected)
      else await ben.engine.correct(corrected.observationId, { rawNoteText: 'corrected' }, 'again')
      ben.link.next('pass', 'unsent', 'unsent', 'unsent')
      await ben.sync()
      // Until it is decided a person goes on seeing what was written.
      expect(await textAt(ben, corrected)).toBe('corrected')
      await ben.restart()
      await ben.sync()
      expect((await textAt(ben, corrected)) === 'corrected').toBe(which === 'new')
      await expectSameCopies(world)
    },
  )

  it('[ENG-46] is taken over as the rules have it where no hash tells, from a server that sends none', async () => {
    const { server, anna, ben } = await testWorld()
    server.model.setBuild({ stateHash: () => undefined })
    const draft = await anna.saved({ status: 'confirmed' })
    await anna.sync()
    await ben.sync()
    await ben.engine.correct(draft.observationId, { rawNoteText: 'by Ben' }, 'misread')
    await ben.sync()
    expect(await ben.engine.record('observation', draft.observationId)).toMatchObject({
      status: 'synced',
      server: { rawNoteText: 'by Ben' },
    })
  })

  it.each(['applied', 'lacks'] as const)(
    '[ENG-46, GUA-4] is found by a full pull where it makes what the server is known to have: the server %s it',
    async (which) => {
      const world = await testWorld()
      const { server, anna, ben } = world
      const { observationId } = await anna.saved({ status: 'confirmed' })
      const correct = async (rawNoteText: string) => {
        await ben.engine.correct(observationId, { rawNoteText }, rawNoteText)
        await ben.sync()
        await anna.sync()
      }
      await anna.sync()
      await ben.sync()
      await correct('one')
      const backup = server.backup()
      await correct('two')
      await ben.engine.correct(observationId, { rawNoteText: 'one' }, 'one again')
      server.restore(backup)
      // Ben learns what the server has, and Anna gives it back its next version before he sends the one after that.
      ben.link.next('pass', 'pass', 'unsent', 'unsent', 'unsent')
      await ben.sync()
      if (which === 'applied') await anna.sync()
      await ben.sync()
      expect(server.observation(observationId)?.correction?.reason).toBe(
        which === 'applied' ? 'one again' : 'one',
      )
      await expectSameCopies(world)
    },
  )
})
