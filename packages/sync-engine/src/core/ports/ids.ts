import type { CorrectionId, ObservationId, PatchId, RecommendationId, SyncId } from '@fieldsync/contracts'

/** Mints ids that no other device mints (IDS-1): a day, and a ULID of the moment. */
export interface Ids {
  observation(): ObservationId
  recommendation(): RecommendationId
  patch(): PatchId
  correction(): CorrectionId
  sync(): SyncId
}
