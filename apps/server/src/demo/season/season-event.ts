import type { Observation } from '@fieldsync/contracts'

import type { Member } from './crew.ts'
import type { SeasonRandom } from './season-random.ts'
import type { PatchInput, RecommendationInput } from './season-records.ts'

/** One call of one device, without what only the server can make. */
export type SeasonBatch = {
  at: Date
  member: Member
  syncId: string
  observations: Observation[]
  recommendations: RecommendationInput[]
  patches: PatchInput[]
  /** What the device says that it still holds. */
  left: { pending: number; quarantined: number; oldestPendingAt?: string }
}

export type SeasonEvent = SeasonBatch | { at: Date; revoke: Member }

/** A day of the season while it is written down. */
export type SeasonDay = {
  readonly rng: SeasonRandom
  readonly day: number
  readonly days: number
  /** So many hours after the vineyard's midnight. */
  readonly at: (hours: number) => Date
  /** Version of the playbook by now; a patch that will be accepted moves it on. */
  version: number
  readonly send: (
    member: Member,
    at: Date,
    records: Partial<Records>,
    left?: Partial<SeasonBatch['left']>,
  ) => void
}

type Records = Pick<SeasonBatch, 'observations' | 'recommendations' | 'patches'>
