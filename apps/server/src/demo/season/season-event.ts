import type { Observation, Playbook } from '@fieldsync/contracts'

import type { Member } from './crew.ts'
import type { SeasonRandom } from './season-random.ts'
import type { PatchInput, RecommendationInput } from './season-records.ts'

/** One call of one device, without the parts that only the server can generate. */
export type SeasonBatch = {
  at: Date
  member: Member
  syncId: string
  observations: Observation[]
  recommendations: RecommendationInput[]
  patches: PatchInput[]
  /** The device's report of what it still has unsent. */
  left: { pending: number; quarantined: number; oldestPendingAt?: string }
}

export type SeasonEvent = SeasonBatch | { at: Date; revoke: Member }

/** A day of the season while its script is written. */
export type SeasonDay = {
  readonly rng: SeasonRandom
  readonly day: number
  readonly days: number
  /** Hours after the vineyard's midnight. */
  readonly at: (hours: number) => Date
  /** As the server has it; a patch that will be accepted makes another one. */
  playbook: Playbook
  readonly send: (
    member: Member,
    at: Date,
    records: Partial<Records>,
    left?: Partial<SeasonBatch['left']>,
  ) => void
}

type Records = Pick<SeasonBatch, 'observations' | 'recommendations' | 'patches'>
