import { CorrectionId, ObservationId, PatchId, RecommendationId, SyncId } from '@fieldsync/contracts'
import type { Clock, Ids } from '@fieldsync/sync-engine'
import { mintId, type SeededRandom, ulidAt } from '@fieldsync/testkit'

/** Ids as a device mints them (IDS-1), their random part from a seed. */
export function seededIds(rng: SeededRandom, clock: Pick<Clock, 'now'>): Ids {
  const minted = (prefix: 'obs' | 'rec' | 'pch') => mintId(prefix, rng, new Date(clock.now()).toISOString())
  return {
    observation: () => ObservationId.parse(minted('obs')),
    recommendation: () => RecommendationId.parse(minted('rec')),
    patch: () => PatchId.parse(minted('pch')),
    correction: () => CorrectionId.parse(`cor_${ulidAt(rng, clock.now())}`),
    sync: () => SyncId.parse(`syn_${ulidAt(rng, clock.now())}`),
  }
}
