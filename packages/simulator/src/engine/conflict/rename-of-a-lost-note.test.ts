import type { LocalConflict, SyncEngineOptions } from '@fieldsync/sync-engine'
import { expect, it } from 'vitest'

import type { TestDevice } from '../testing/test-device.ts'
import { testWorld } from '../testing/test-world.ts'

const only = async (device: TestDevice): Promise<LocalConflict> => {
  const conflicts = await device.engine.conflicts()
  expect(conflicts).toHaveLength(1)
  return conflicts[0] as LocalConflict
}
const settled = { state: 'idle', pending: 0, conflicts: 0, quarantined: 0 }

/** Ben corrected a note of Anna's, and advised on it; the server lost both, and she has not sent hers again. */
async function correctionOfALostNote(options: Partial<SyncEngineOptions> = {}) {
  const { server, anna, ben } = await testWorld(options)
  const nothing = server.backup()
  const draft = await anna.saved()
  await anna.sync()
  await ben.sync()
  const advice = ben.advice({ observationId: draft.observationId })
  await ben.engine.saveRecommendation(advice)
  await ben.sync()
  await anna.engine.saveObservation({ ...draft, status: 'confirmed' })
  await anna.sync()
  ben.clock.advance(1_000)
  await ben.engine.saveObservation({ ...draft, rawNoteText: 'by Ben' })
  await ben.sync()
  server.restore(nothing)
  await ben.sync()
  expect(ben.engine.status()).toMatchObject({ pending: 1, conflicts: 1 })
  return { server, anna, ben, advice }
}

it('[ENG-17, CUR-8] rename: another device’s note keeps its id, and what was written about it waits for it', async () => {
  const { server, anna, ben, advice } = await correctionOfALostNote()
  const conflict = await only(ben)
  expect(await ben.engine.resolve.rename(conflict.id)).toMatchObject({
    ok: false,
    issues: [{ path: '/deviceId', code: 'other_choice' }],
  })
  expect(await only(ben)).toEqual(conflict)
  await ben.engine.resolve.acceptServer(conflict.id)
  await anna.sync()
  await ben.sync()
  expect(server.recommendation(advice.recommendationId)).toEqual(advice)
  expect(ben.engine.status()).toMatchObject(settled)
  expect(await ben.findings()).toEqual([])
})

it('[CUR-10] rename: what follows to an observation that the server never takes does not wait for it', async () => {
  // His device takes him for an admin, who may write for others; on the server he is one no longer.
  const { ben, advice } = await correctionOfALostNote({ role: 'admin' })
  await ben.engine.resolve.rename((await only(ben)).id)
  await ben.sync()
  const forbidden = await only(ben)
  expect(forbidden).toMatchObject({ conflict: { code: 'FORBIDDEN' } })
  await ben.engine.resolve.acceptServer(forbidden.id)
  await ben.sync()
  expect(await only(ben)).toMatchObject({
    entityId: advice.recommendationId,
    conflict: { code: 'RECOMMENDATION_ORPHAN' },
  })
  expect(ben.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
  expect(await ben.findings()).toEqual([])
})
