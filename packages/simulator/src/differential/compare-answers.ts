import type { SyncBatchResponse } from '@fieldsync/contracts'

import type { ServerAnswer } from '../server-call.ts'
import type { CursorPairing } from './cursor-pairing.ts'
import { type Difference, firstDifference } from './first-difference.ts'
import type { Pairing } from './pairing.ts'

/** What the servers of one script call the same things. */
export type Pairings = { readonly cursors: CursorPairing; readonly conflictIds: Pairing }

/**
 * How the answers of two servers to one call differ. The names that a server makes may be others, as long as each goes
 * with one of the other server: conflict ids, and cursors in their order. The wording of an error is its own.
 */
export function compareResponses(
  workspace: string,
  one: ServerAnswer,
  other: ServerAnswer,
  pairings: Pairings,
): Difference | undefined {
  const heads = [one, other].map(({ status, headers }) => ({
    status,
    replayed: headers['idempotency-replayed'],
  }))
  const head = firstDifference(heads[0], heads[1])
  if (head) return { ...head, one: one.body, other: other.body }
  if (one.status !== 200) return firstDifference(errorIn(one), errorIn(other), '/error')
  const [a, b] = [JSON.parse(one.body), JSON.parse(other.body)] as [SyncBatchResponse, SyncBatchResponse]
  const misplaced = pairings.cursors.pair(workspace, a.serverCursor, b.serverCursor)
  if (misplaced !== undefined) {
    return { at: `/serverCursor (${misplaced})`, one: a.serverCursor, other: b.serverCursor }
  }
  for (const [i, { conflictId }] of a.conflicts.entries()) {
    const paired = b.conflicts[i]?.conflictId
    if (paired !== undefined && !pairings.conflictIds.pair(conflictId, paired)) {
      return {
        at: `/conflicts/${i}/conflictId (does not go with the other)`,
        one: a.conflicts[i],
        other: b.conflicts[i],
      }
    }
  }
  return firstDifference(withoutNames(a), withoutNames(b))
}

function errorIn({ body }: ServerAnswer): unknown {
  const { error } = JSON.parse(body) as { error: Record<string, unknown> }
  const { message: _message, traceId: _traceId, ...shown } = error
  return withoutWording(shown)
}

/** What is wrong with a text that is not JSON, each parser says in its own words. */
function withoutWording(shown: Record<string, unknown>): unknown {
  const { details } = shown as { details?: { issues?: { path: string; message: string }[] } }
  if (!details?.issues) return shown
  const issues = details.issues.map((issue) => (issue.path === '' ? { path: '' } : issue))
  return { ...shown, details: { ...details, issues } }
}

function withoutNames(answer: SyncBatchResponse): unknown {
  const { serverCursor: _cursor, ...shown } = answer
  const conflicts = answer.conflicts.map((conflict) => ({ ...conflict, conflictId: '' }))
  return { ...shown, conflicts }
}
