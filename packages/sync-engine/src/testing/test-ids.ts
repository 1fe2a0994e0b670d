import { CorrectionId, ObservationId, PatchId, RecommendationId, SyncId } from '@fieldsync/contracts'
import { mintId, type SeededRandom, ulidAt } from '@fieldsync/testkit'

import type { Ids } from '../core/ports.ts'

/** Ids as a device mints them, from a seed. */
export function testIds(random: SeededRandom, now: () => number): Ids {
  const instant = () => new Date(now()).toISOString()
  return {
    observation: () => ObservationId.parse(mintId('obs', random, instant())),
    recommendation: () => RecommendationId.parse(mintId('rec', random, instant())),
    patch: () => PatchId.parse(mintId('pch', random, instant())),
    correction: () => CorrectionId.parse(`cor_${ulidAt(random, now())}`),
    sync: () => SyncId.parse(`syn_${ulidAt(random, now())}`),
  }
}
