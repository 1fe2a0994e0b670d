import { Observation } from '@fieldsync/contracts'
import { observation, seededRandom } from '@fieldsync/testkit'

import type { Isolation } from '../../core/engine-meta.ts'
import { type Call, saveInFlightBatch } from '../../core/in-flight-batch.ts'
import { nameOf } from '../../testing/documents.ts'
import { testContext } from '../../testing/test-context.ts'
import { type FailedCall, narrow } from '../bisect.ts'

export const FAILED: FailedCall = { syncId: 'syn_1', places: [], bytes: 1_000, page: 8, cause: 'server' }

/** A device with `count` queued notes, of which the first `sent` are in the in-flight batch. */
export async function searching(isolation: Isolation | undefined, count = 2, sent = count) {
  const world = await testContext()
  const random = seededRandom(7)
  const notes = Array.from({ length: count }, () => Observation.parse(observation({}, random)))
  const keys = await world.queue(...notes.map((document) => ({ document })))
  const call: Call = {
    syncId: world.context.ids.sync(),
    body: '{}',
    cursor: '',
    page: 8,
    reported: { resolved: 0, drift: false },
    entries: keys.slice(0, sent).flatMap((key, i) => (notes[i] ? [{ key, ...nameOf(notes[i]) }] : [])),
  }
  await world.change(async (changeset, transaction) => {
    await changeset.load(call.entries)
    if (sent > 0) await saveInFlightBatch(changeset, transaction, call)
  })
  await world.store({ isolation })
  const fails = (more: Partial<FailedCall> = {}) =>
    world.change((changeset, transaction) =>
      narrow(world.context, changeset, transaction, {
        ...FAILED,
        syncId: call.syncId,
        places: keys.slice(0, sent),
        ...more,
      }),
    )
  return { ...world, keys, notes, call, fails }
}
