import type { SyncBatchInput } from '@fieldsync/testkit'

import { observationWrite } from './observation-writes.ts'
import { patchWrites } from './patch-writes.ts'
import { recommendationWrite } from './recommendation-writes.ts'
import type { Writer } from './stage.ts'
import { anyOf, once, weighted } from './weighted.ts'

type Upserts = SyncBatchInput['upserts']

const RECORDS = { observation: 12, recommendation: 6, patch: 4, 'refused before': 3 }

/** The records of one batch: a few of each kind, now and then one of them twice (BAT-4). */
export function upserts(writer: Writer): Upserts {
  const { rng } = writer
  const made: Upserts = { observations: [], recommendations: [], playbookPatches: [] }
  const few = rng.int(1, 4)
  for (let i = 0; i < few; i++) {
    switch (weighted(rng, RECORDS)) {
      case 'observation':
        made.observations.push(observationWrite(writer))
        break
      case 'recommendation': {
        const along = made.observations.map((each) => each.observationId)
        made.recommendations.push(recommendationWrite(writer, along))
        break
      }
      case 'patch':
        made.playbookPatches.push(...patchWrites(writer))
        break
      case 'refused before':
        sendAgain(writer, made)
        break
    }
  }
  if (once(rng, 5)) repeatOne(writer, made)
  return made
}

/** A record that this device was refused, unchanged: meanwhile it may meet something else (CNF-9, CNF-11). */
function sendAgain(writer: Writer, made: Upserts): void {
  const { rng, state, deviceId } = writer
  const refused = anyOf(
    rng,
    state.conflicts.filter((each) => each.deviceId === deviceId),
  )
  if (!refused) {
    made.observations.push(observationWrite(writer))
    return
  }
  const { incoming } = refused
  if ('patchId' in incoming) made.playbookPatches.push(incoming)
  else if ('recommendationId' in incoming) made.recommendations.push(incoming)
  else made.observations.push(incoming)
}

/** The same record once more, or an edit of it. */
function repeatOne({ rng }: Writer, { observations, recommendations, playbookPatches }: Upserts): void {
  const seen = anyOf(rng, observations)
  if (seen)
    observations.push(
      once(rng, 2) ? seen : { ...seen, rawNoteText: 'Two', updatedAt: '2026-02-12T07:30:00Z' },
    )
  const advised = anyOf(rng, recommendations)
  if (advised) recommendations.push(once(rng, 2) ? advised : { ...advised, status: 'confirmed' })
  const patched = anyOf(rng, playbookPatches)
  if (patched) playbookPatches.push(patched)
}
