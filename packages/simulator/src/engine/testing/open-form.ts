import type { Observation } from '@fieldsync/contracts'
import type { SyncEngine } from '@fieldsync/sync-engine'

import type { TestDevice } from './test-device.ts'
import { type TestWorld, testWorld } from './test-world.ts'

type Saved<T> =
  | { ok: true; record: { local: T | null }; conflictId: string | null }
  | { ok: false; issues: unknown }

/** What a write stored. @throws Error for one that was refused */
export async function savedOf<T>(save: Promise<Saved<T>>): Promise<T> {
  const outcome = await save
  if (!outcome.ok || outcome.record.local === null) throw new Error(JSON.stringify(outcome))
  return outcome.record.local
}

/** An observation as a device shows it. */
export const seenBy = async ({ engine }: TestDevice, id: string): Promise<Observation> => {
  const view = await engine.record('observation', id)
  if (!view) throw new Error(`${id} is not on the device`)
  return view.document
}

/** A note of Anna's that both devices have, and that she has open in a form. */
export async function openForm(status: Observation['status']) {
  const world = await testWorld()
  const { anna, ben } = world
  const opened = await anna.saved({ status, rawNoteText: 'powdry mildew' })
  await anna.sync()
  await ben.sync()
  return { ...world, opened, id: opened.observationId, ...exchange(world) }
}

/** What goes on while a form of Anna's is open. */
const exchange = ({ anna, ben, clock }: TestWorld) => ({
  /** Ben changes the note, and it comes to Anna while her form is open. */
  changedByBen: async (id: string, change: Parameters<SyncEngine['correct']>[1]) => {
    clock.advance(60_000)
    const seen = await seenBy(ben, id)
    const { extraction, normalization, ...rest } = change
    const changed = {
      ...seen,
      ...rest,
      extraction: { ...seen.extraction, ...extraction },
      normalization: { ...seen.normalization, ...normalization },
    } as Observation
    await savedOf(
      seen.status === 'draft'
        ? ben.engine.saveObservation(changed, { basedOn: seen })
        : ben.engine.correct(id, change, 'Ben looked again'),
    )
    await ben.sync()
    await anna.sync()
    clock.advance(60_000)
  },
})
