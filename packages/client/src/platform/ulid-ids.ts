import { CorrectionId, ObservationId, PatchId, RecommendationId, SyncId } from '@fieldsync/contracts'
import type { Clock, Ids, Random } from '@fieldsync/sync-engine'
import { ulid } from 'ulid'

// The range of four-digit years; a device's clock may report anything.
const LATEST = Date.UTC(9999, 11, 31)

/** Ids that no other device mints, however wrong its clock is: 80 random bits in each (IDS-1). */
export function ulidIds(clock: Clock, random: Random): Ids {
  const now = (): number => Math.min(Math.max(clock.now(), 0), LATEST)
  const minted = (prefix: string): string => `${prefix}_${ulid(now(), () => random.next())}`
  const dated = (prefix: string): string =>
    minted(`${prefix}_${new Date(now()).toISOString().slice(0, 10).replaceAll('-', '')}`)
  return {
    observation: () => ObservationId.parse(dated('obs')),
    recommendation: () => RecommendationId.parse(dated('rec')),
    patch: () => PatchId.parse(dated('pch')),
    correction: () => CorrectionId.parse(minted('cor')),
    sync: () => SyncId.parse(minted('syn')),
  }
}
