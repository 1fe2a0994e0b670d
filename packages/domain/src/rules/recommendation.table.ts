import type { RecommendationStatus } from '@fieldsync/contracts'

/** How an incoming recommendation for the same observation relates to the stored one. */
export type RecommendationEvent =
  | 'same content, older'
  | 'same content, same time'
  | 'same content, newer'
  | 'other content, older'
  | 'other content, same time, lesser hash'
  | 'other content, same time, greater hash'
  | 'other content, newer'

/** What follows; `~` only updates the time of the last write. */
export type RecommendationOutcome =
  | 'create'
  | 'update'
  | 'advance'
  | 'duplicate'
  | 'duplicate~'
  | 'STALE_WRITE'
  | 'IMMUTABLE'

type Outcomes = Readonly<
  Record<RecommendationEvent, Readonly<Record<RecommendationStatus, RecommendationOutcome>>>
>

const every = <T>(outcome: T) => ({ pending_confirmation: outcome, confirmed: outcome, rejected: outcome })

const decided = (status: 'confirmed' | 'rejected'): Outcomes => {
  const same = { ...every<RecommendationOutcome>('IMMUTABLE'), [status]: 'duplicate' as const }
  return {
    'same content, older': same,
    'same content, same time': same,
    'same content, newer': same,
    'other content, older': every('IMMUTABLE'),
    'other content, same time, lesser hash': every('IMMUTABLE'),
    'other content, same time, greater hash': every('IMMUTABLE'),
    'other content, newer': every('IMMUTABLE'),
  }
}

/**
 * The policy of recommendations between one who may change them and the server: by what is stored, by what comes in, by
 * the incoming status.
 */
export const RECOMMENDATION_TABLE: Readonly<Record<'none' | RecommendationStatus, Outcomes>> = {
  none: {
    'same content, older': every('create'),
    'same content, same time': every('create'),
    'same content, newer': every('create'),
    'other content, older': every('create'),
    'other content, same time, lesser hash': every('create'),
    'other content, same time, greater hash': every('create'),
    'other content, newer': every('create'),
  },
  pending_confirmation: {
    'same content, older': {
      pending_confirmation: 'duplicate',
      confirmed: 'STALE_WRITE',
      rejected: 'STALE_WRITE',
    },
    'same content, same time': {
      pending_confirmation: 'duplicate',
      confirmed: 'advance',
      rejected: 'advance',
    },
    'same content, newer': { pending_confirmation: 'duplicate~', confirmed: 'advance', rejected: 'advance' },
    'other content, older': every('STALE_WRITE'),
    'other content, same time, lesser hash': every('STALE_WRITE'),
    'other content, same time, greater hash': every('update'),
    'other content, newer': every('update'),
  },
  confirmed: decided('confirmed'),
  rejected: decided('rejected'),
}
