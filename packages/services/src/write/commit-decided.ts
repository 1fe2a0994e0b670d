import { commitWrite, type Queryable, type WorkspaceWrite, type WriteOutcome } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import { CredentialChanged, ServiceError, unavailable } from '../core/service-error.ts'
import { noteChange } from '../live/start-live.ts'
import { commitTogether, withWorkspaceLocked } from './workspace-queue.ts'

const OPTIMISTIC_ATTEMPTS = 3

type Committed = Extract<WriteOutcome, { response: string }>

/** A complete write. With a refusal, the write only puts the attempt on record, and the call fails all the same. */
export type Decided = { write: WorkspaceWrite; refusal?: ServiceError }

/**
 * Decides on what is stored and commits the decision. Reading and deciding take no lock: the commit checks the revisions,
 * and when something changed in between, it is decided anew. After a few attempts the workspace is locked first, so that
 * a busy record cannot starve a writer.
 *
 * @param decide reads by the given connection and returns the complete write; what it throws ends the call
 * @throws ServiceError the decided refusal, IDEMPOTENCY_CONFLICT, CURSOR_INVALID, UNAVAILABLE
 */
export async function commitDecided(
  ctx: ServiceContext,
  decide: (connection: Queryable) => Promise<Decided>,
): Promise<Committed> {
  for (let attempt = 0; attempt < OPTIMISTIC_ATTEMPTS; attempt++) {
    const decided = await decide(ctx.db.pool)
    const outcome = await commitTogether(ctx.db, ctx.actor.workspaceId, decided.write)
    if (outcome.outcome !== 'stale') return committed(ctx, outcome, decided)
  }
  const last = await withWorkspaceLocked(ctx.db, ctx.actor.workspaceId, async (connection) => {
    const decided = await decide(connection)
    return { outcome: await commitWrite(connection, decided.write), decided }
  })
  return committed(ctx, last.outcome, last.decided)
}

function committed(ctx: ServiceContext, outcome: WriteOutcome, { refusal, write }: Decided): Committed {
  switch (outcome.outcome) {
    case 'done':
      if (write.positions > 0) noteChange(ctx.db, ctx.actor.workspaceId)
      // Only now is the refused attempt on record.
      if (refusal) throw refusal
      return outcome
    case 'replay':
      return outcome
    case 'key_conflict':
      throw keyConflict()
    case 'cursor_invalid':
      throw cursorInvalid()
    case 'credential':
      throw new CredentialChanged()
    case 'stale':
      throw unavailable('The workspace is busy; try again shortly.')
  }
}

export const keyConflict = (): ServiceError =>
  new ServiceError(
    'IDEMPOTENCY_CONFLICT',
    'This Idempotency-Key or syncId was used for another payload; use a new one for a new payload.',
  )

export const cursorInvalid = (): ServiceError =>
  new ServiceError('CURSOR_INVALID', 'This cursor is not on the history of this server; start again from "".')
