import type { Observation, Recommendation } from '@fieldsync/contracts'
import { isSameJson, type Sha256 } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import { decideAsSystem } from '../core/likely-conflict.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import { type EntityType, isBlocked, type LocalRecord, type OutboxEntry } from '../core/local-record.ts'
import { sequenceKey } from '../core/local-store.ts'

type Saved = Observation | Recommendation

const BEFORE_ALL = sequenceKey(0)

/**
 * During a full pull: queues again what the server had acknowledged and now has in a version that this one should have
 * followed (CUR-6). What is resent is decided on by the usual rules.
 *
 * @param before the record as it was before the page
 * @param pulled what the page brought
 * @returns whether it was queued
 */
export function resendLost(
  context: EngineContext,
  changeset: Changeset,
  before: LocalRecord<'observation' | 'recommendation'>,
  pulled: Saved,
  now: number,
): boolean {
  if (before.server === null || !mayBeResent(context, before, now)) return false
  if (!isLost(before.server, pulled, context.sha256)) return false
  enqueueResend(changeset, before, now)
  return true
}

/**
 * A record that was acknowledged within the time of resending, and on which nothing newer waits to be sent; a conflict may
 * wait for a person meanwhile. An acknowledgement from the future says that the clock was set back since: then its age is
 * not known, and it is resent.
 */
export const mayBeResent = ({ settings }: EngineContext, record: LocalRecord, now: number): boolean =>
  record.acknowledgedAt !== null &&
  now - record.acknowledgedAt < settings.resendLostFor &&
  record.queued.length === 0

/**
 * Queues the acknowledged version of a record that the server lost while a later write of it waited on the device, once a
 * person has given that write up or another id (ENG-15). What the server would refuse in any version is not sent again,
 * and neither is what was given up. The record must be loaded.
 */
export function resendReleased(context: EngineContext, changeset: Changeset, conflict: LocalConflict): void {
  const { type, entityId, losing } = conflict
  const record = changeset.record<EntityType>(type, entityId)
  const { server, localOnly } = record
  if (server !== null || !localOnly || isSameJson(localOnly, losing) || wouldBeRefused(conflict)) return
  const now = context.clock.now()
  if (!isBlocked(record) && mayBeResent(context, record, now)) enqueueKnown(changeset, record, localOnly, now)
}

/** The server refused a version for what holds of any: the rights of this device, or a missing observation. */
const wouldBeRefused = (conflict: LocalConflict): boolean =>
  conflict.kind === 'server' &&
  (conflict.conflict.code === 'FORBIDDEN' || conflict.conflict.code === 'RECOMMENDATION_ORPHAN')

/** Queues the version that the server is known to have had. Its records must be loaded. */
export const enqueueResend = (changeset: Changeset, record: LocalRecord, now: number): void =>
  enqueueKnown(changeset, record, record.server, now)

/**
 * Queues a version that the server once had, in front of what was written since. Its records must be loaded.
 *
 * @param options.asks of a patch: only to learn whether the server still has it (ENG-62)
 */
export function enqueueKnown(
  changeset: Changeset,
  { type, id }: LocalRecord,
  known: LocalRecord['server'],
  now: number,
  options: Pick<OutboxEntry, 'asks'> = {},
): void {
  if (known === null || type === 'playbook') return
  // A record's document is of its type, and a playbook is excluded above.
  const document = known as Exclude<typeof known, { rules: unknown }>
  // It was made before everything that waits here; the patches of a chain are in their order already.
  const before = type === 'playbookPatch' ? {} : { since: BEFORE_ALL }
  changeset.enqueue({ type, id, document, writtenAt: now, ...before, offer: true, ...options })
}

/**
 * Whether an acknowledged version is missing from the server's history, by what the server has now. A draft that
 * something newer replaced is not; a confirmed version, which nothing may replace but a correction on top of it, is.
 */
export function isLost(acknowledged: Saved, pulled: Saved, sha256: Sha256): boolean {
  const decision = decideAsSystem(pulled, acknowledged, sha256)
  if (decision.kind !== 'conflict') return decision.kind === 'accept'
  switch (decision.code) {
    case 'OBSERVATION_STALE_WRITE':
    case 'RECOMMENDATION_STALE_WRITE':
      return !isOpen(acknowledged)
    case 'OBSERVATION_IMMUTABLE':
    case 'RECOMMENDATION_IMMUTABLE':
      return !isOpen(acknowledged) && !isFollowedBy(acknowledged, pulled)
    // A correction of the server's history is recognized there, so offering it does no harm (OBS-11).
    default:
      return true
  }
}

const isOpen = ({ status }: Saved): boolean => status === 'draft' || status === 'pending_confirmation'

/** The server's version may have come after this one: it is a correction, or the same content further along. */
function isFollowedBy(acknowledged: Saved, pulled: Saved): boolean {
  if ('recommendationId' in acknowledged) return false
  // Both are versions of one record.
  const later = pulled as Observation
  const sameContent = acknowledged.deterministicChecksum === later.deterministicChecksum
  return later.correction !== undefined || sameContent
}
