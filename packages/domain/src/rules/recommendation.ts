import type { DeviceId, Recommendation } from '@fieldsync/contracts'

import type { Actor } from '../access/actor.ts'
import { mayChange } from '../access/can.ts'
import type { CanonicalRecord, Sha256 } from '../canonical.ts'
import { compareWrites } from '../time.ts'
import { conflict, type Decision, toFix } from './decision.ts'

/** A recommendation as stored on the server; `timeMicros` is the time of its last write, since 1970 (OBS-18). */
export type StoredRecommendation = { canonical: CanonicalRecord<Recommendation>; timeMicros: number }

type Incoming = {
  actor: Actor
  /** Author of the observation that the incoming record names; undefined if that observation is unknown. */
  observationAuthor: DeviceId | undefined
  incoming: CanonicalRecord<Recommendation>
  timeMicros: number
  sha256: Sha256
}

/**
 * Decides one incoming recommendation by rules REC-1 to REC-11, in the order of their table.
 *
 * @param args.timeMicros time of the incoming write, see writeTimeMicros
 */
export function decideRecommendation(
  args: Incoming & { current: StoredRecommendation | undefined },
): Decision {
  return args.current ? onStored({ ...args, current: args.current }) : onNew(args)
}

function onNew({ actor, observationAuthor }: Incoming): Decision {
  if (observationAuthor === undefined) return orphan()
  return mayChange(actor, observationAuthor) ? accepted('create') : foreignObservation()
}

function onStored(args: Incoming & { current: StoredRecommendation }): Decision {
  const { actor, current, observationAuthor, incoming, timeMicros, sha256 } = args
  const stored = current.canonical.record
  if (stored.observationId !== incoming.record.observationId) return idTaken()
  const sameContent = current.canonical.contentText === incoming.contentText
  const pending = stored.status === 'pending_confirmation'
  const order = compareWrites(
    { record: incoming.record, timeMicros },
    { record: stored, timeMicros: current.timeMicros },
  )
  const allowed = mayChange(actor, observationAuthor)
  if (sameContent && stored.status === incoming.record.status) {
    return { kind: 'duplicate', moveTime: pending && timeMicros > current.timeMicros && allowed }
  }
  if (!allowed) return notYours()
  if (!pending) return immutable()
  // Equal times: with the same content the incoming status can only be further along than pending (REC-9).
  const wins =
    order > 0 ||
    (order === 0 && (sameContent || sha256(incoming.contentText) > sha256(current.canonical.contentText)))
  return wins ? accepted(sameContent ? 'advance' : 'update') : stale()
}

const accepted = (change: 'create' | 'update' | 'advance'): Decision => ({
  kind: 'accept',
  change,
  newCorrection: false,
})

const orphan = (): Decision =>
  conflict(
    'RECOMMENDATION_ORPHAN',
    'resubmit',
    'The server does not have the observation of this recommendation: send the observation first, then this again.',
  )

const foreignObservation = (): Decision =>
  toFix(
    'FORBIDDEN',
    'Create recommendations only for observations of your own device, or let the author or an agronomist do it.',
    [{ path: '/observationId', message: 'must name an observation that you may change' }],
  )

const idTaken = (): Decision =>
  conflict(
    'RECOMMENDATION_ID_TAKEN',
    'rename',
    'This id already belongs to a recommendation for another observation: give yours a new id and send it again.',
  )

const notYours = (): Decision =>
  conflict(
    'FORBIDDEN',
    'accept_server',
    "Accept the server's recommendation: only the author of its observation or an agronomist may change it.",
  )

const stale = (): Decision =>
  conflict(
    'RECOMMENDATION_STALE_WRITE',
    'accept_server',
    "Accept the server's recommendation: it was edited later than yours.",
  )

const immutable = (): Decision =>
  conflict(
    'RECOMMENDATION_IMMUTABLE',
    'accept_server',
    "Accept the server's recommendation: it is already decided; create a new one to change it.",
  )
