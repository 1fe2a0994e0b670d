import {
  commitWrite,
  type Database,
  type Queryable,
  type WorkspaceWrite,
  type WriteOutcome,
} from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Replayable } from '../core/json-text.ts'
import { CredentialChanged, ServiceError, unavailable } from '../core/service-error.ts'
import { inSpan } from '../core/telemetry.ts'

const OPTIMISTIC_ATTEMPTS = 3

/**
 * What a decision comes to: a complete write, with the refusal that it only puts on record, if it does; the answer of an
 * earlier call; or a refusal of which nothing is stored. A write that is valid for a time is stored `onlyUnderLock`: decided
 * there, it waits for nothing any more.
 */
export type Decided =
  | { write: WorkspaceWrite; refusal?: ServiceError; onlyUnderLock?: boolean }
  | { answered: string }
  | { refusal: ServiceError; write?: undefined }

/** How a write ended: with its answer, new or stored before, or with the refusal that the caller gets. */
export type WriteResult = { response: string; replayed: boolean } | { refusal: ServiceError }

/**
 * Decides on what is stored and commits the decision. Reading and deciding take no lock: the commit checks the revisions,
 * and when something changed in between, the decision is made again. After a few attempts the workspace is locked first,
 * so that a busy record cannot starve a writer.
 *
 * @param decide reads by the given connection
 * @returns also as a refusal: that the caller's rights have changed ({@link CredentialChanged})
 */
export async function commitDecided(
  ctx: ServiceContext,
  decide: (connection: Queryable) => Promise<Decided>,
): Promise<WriteResult> {
  const { actor, runtime } = ctx
  const { span } = ctx.request
  for (let attempt = 0; attempt < OPTIMISTIC_ATTEMPTS; attempt++) {
    const decided = await inSpan(span, 'decide', () => decide(runtime.db.pool))
    if (!hasWrite(decided)) return await withoutWrite(ctx, decided)
    if (decided.onlyUnderLock) break
    const { write } = decided
    const outcome = await inSpan(span, 'commit', () => runtime.queue.commit(write))
    if (outcome.outcome !== 'stale') return committed(ctx, outcome, decided)
  }
  const last = await runtime.queue.locked(actor.workspaceId, async (connection) => {
    const decided = await decide(connection)
    return hasWrite(decided) ? { outcome: await commitWrite(connection, decided.write), decided } : decided
  })
  return 'outcome' in last ? committed(ctx, last.outcome, last.decided) : await withoutWrite(ctx, last)
}

export type DecidedWrite = Extract<Decided, { write: WorkspaceWrite }>

const hasWrite = (decided: Decided): decided is DecidedWrite =>
  'write' in decided && decided.write !== undefined

const withoutWrite = async (
  { runtime }: ServiceContext,
  decided: Exclude<Decided, DecidedWrite>,
): Promise<WriteResult> =>
  'answered' in decided ? await replay(runtime.db, decided.answered) : { refusal: decided.refusal }

/**
 * A stored answer, given once more. It can be read before a standby has it, where PostgreSQL was restarted or has stopped
 * waiting for one; so it is confirmed first (RUN-18).
 */
export async function replay(db: Database, response: string): Promise<{ response: string; replayed: true }> {
  await db.monitor.confirm()
  return { response, replayed: true }
}

/** What a verb returns of a write: its answer, or the refusal that it came to. */
export function answerOf<T>(result: WriteResult): Replayable<T> | ServiceError {
  if ('refusal' in result) return result.refusal
  return { document: new JsonText<T>(result.response), replayed: result.replayed }
}

function committed(
  ctx: ServiceContext,
  outcome: WriteOutcome,
  { refusal, write }: DecidedWrite,
): WriteResult {
  switch (outcome.outcome) {
    case 'done':
      if (write.positions > 0) ctx.runtime.live?.changed(ctx.actor.workspaceId)
      // A refused attempt is on record now.
      return refusal ? { refusal } : { response: outcome.response, replayed: false }
    case 'replay':
      return { response: outcome.response, replayed: true }
    case 'key_conflict':
      return { refusal: keyConflict() }
    case 'cursor_invalid':
      return { refusal: cursorInvalid() }
    case 'credential':
      return { refusal: new CredentialChanged() }
    case 'stale':
      return { refusal: unavailable('The workspace is busy; try again shortly.') }
  }
}

export const keyConflict = (): ServiceError =>
  new ServiceError(
    'IDEMPOTENCY_CONFLICT',
    'This Idempotency-Key or syncId was used for another payload; use a new one for a new payload.',
  )

export const cursorInvalid = (): ServiceError =>
  new ServiceError('CURSOR_INVALID', 'This cursor is not on the history of this server; start again from "".')
