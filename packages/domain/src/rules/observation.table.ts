import type { ObservationStatus } from '@fieldsync/contracts'

/** How an incoming observation of the same author relates to the stored one. */
export type ObservationEvent =
  | 'same content, older'
  | 'same content, same time'
  | 'same content, newer'
  | 'other content, older'
  | 'other content, same time, lesser checksum'
  | 'other content, same time, greater checksum'
  | 'other content, newer'
  | 'new correction of the current version'
  | 'new correction of an earlier version'
  | 'new correction with the current checksum'
  | 'known correction with its content'
  | 'known correction with other content'

/** What follows; `+` appends the record's correction to the history, `~` only updates the time of the last write. */
export type ObservationOutcome =
  | 'create'
  | 'create+'
  | 'update'
  | 'update+'
  | 'advance'
  | 'correct+'
  | 'duplicate'
  | 'duplicate~'
  | 'STALE_WRITE'
  | 'IMMUTABLE'
  | 'CORRECTION_STALE'

type Outcomes = Readonly<Record<ObservationEvent, Readonly<Record<ObservationStatus, ObservationOutcome>>>>

const every = <T>(outcome: T) => ({ draft: outcome, confirmed: outcome, logged: outcome })

/**
 * The policy of observations between an author and the server: by what is stored, by what comes in (the corrections are
 * newer than the stored record), by the incoming status. The access rules define who else may do what.
 */
export const OBSERVATION_TABLE: Readonly<Record<'none' | ObservationStatus, Outcomes>> = {
  none: {
    'same content, older': every('create'),
    'same content, same time': every('create'),
    'same content, newer': every('create'),
    'other content, older': every('create'),
    'other content, same time, lesser checksum': every('create'),
    'other content, same time, greater checksum': every('create'),
    'other content, newer': every('create'),
    'new correction of the current version': every('create+'),
    'new correction of an earlier version': every('create+'),
    'new correction with the current checksum': every('create+'),
    'known correction with its content': every('create+'),
    'known correction with other content': every('create+'),
  },
  draft: {
    'same content, older': { draft: 'duplicate', confirmed: 'STALE_WRITE', logged: 'STALE_WRITE' },
    'same content, same time': { draft: 'duplicate', confirmed: 'advance', logged: 'advance' },
    'same content, newer': { draft: 'duplicate~', confirmed: 'advance', logged: 'advance' },
    'other content, older': every('STALE_WRITE'),
    'other content, same time, lesser checksum': every('STALE_WRITE'),
    'other content, same time, greater checksum': every('update'),
    'other content, newer': every('update'),
    'new correction of the current version': every('update+'),
    'new correction of an earlier version': every('update+'),
    'new correction with the current checksum': every('update+'),
    'known correction with its content': every('update'),
    'known correction with other content': every('update'),
  },
  confirmed: {
    'same content, older': { draft: 'IMMUTABLE', confirmed: 'duplicate', logged: 'advance' },
    'same content, same time': { draft: 'IMMUTABLE', confirmed: 'duplicate', logged: 'advance' },
    'same content, newer': { draft: 'IMMUTABLE', confirmed: 'duplicate', logged: 'advance' },
    'other content, older': every('IMMUTABLE'),
    'other content, same time, lesser checksum': every('IMMUTABLE'),
    'other content, same time, greater checksum': every('IMMUTABLE'),
    'other content, newer': every('IMMUTABLE'),
    'new correction of the current version': {
      draft: 'IMMUTABLE',
      confirmed: 'correct+',
      logged: 'correct+',
    },
    'new correction of an earlier version': {
      draft: 'IMMUTABLE',
      confirmed: 'CORRECTION_STALE',
      logged: 'CORRECTION_STALE',
    },
    'new correction with the current checksum': every('IMMUTABLE'),
    'known correction with its content': every('duplicate'),
    'known correction with other content': every('IMMUTABLE'),
  },
  logged: {
    'same content, older': { draft: 'IMMUTABLE', confirmed: 'IMMUTABLE', logged: 'duplicate' },
    'same content, same time': { draft: 'IMMUTABLE', confirmed: 'IMMUTABLE', logged: 'duplicate' },
    'same content, newer': { draft: 'IMMUTABLE', confirmed: 'IMMUTABLE', logged: 'duplicate' },
    'other content, older': every('IMMUTABLE'),
    'other content, same time, lesser checksum': every('IMMUTABLE'),
    'other content, same time, greater checksum': every('IMMUTABLE'),
    'other content, newer': every('IMMUTABLE'),
    'new correction of the current version': {
      draft: 'IMMUTABLE',
      confirmed: 'IMMUTABLE',
      logged: 'correct+',
    },
    'new correction of an earlier version': {
      draft: 'IMMUTABLE',
      confirmed: 'IMMUTABLE',
      logged: 'CORRECTION_STALE',
    },
    'new correction with the current checksum': every('IMMUTABLE'),
    'known correction with its content': every('duplicate'),
    'known correction with other content': every('IMMUTABLE'),
  },
}
