import type { EngineContext } from '../core/engine-context.ts'
import type { RecordName } from '../core/engine-events.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import type { RefusedWrite } from '../core/save-outcome.ts'
import { resubmitConflict } from './send-again.ts'

/** What became of each. Not `ok` if there were some, and none of them is queued again. */
export type ResubmittedAll = {
  ok: boolean
  resubmitted: RecordName[]
  /** Those that stay as they are, with the reason. */
  refused: { id: string; issues: RefusedWrite['issues'] }[]
}

/**
 * Queues quarantined writes again, one transaction each: a program that dies in between has queued the first ones, and
 * the others are quarantined still (ENG-55).
 */
export async function resubmitAll(context: EngineContext, ids?: readonly string[]): Promise<ResubmittedAll> {
  const all: ResubmittedAll = { ok: true, resubmitted: [], refused: [] }
  for (const { id } of await quarantinedWrites(context, ids)) {
    const resolved = await resubmitConflict(context, id)
    if (resolved.ok) all.resubmitted.push(resolved.record)
    else all.refused.push({ id, issues: resolved.issues })
  }
  return { ...all, ok: all.resubmitted.length > 0 || all.refused.length === 0 }
}

/** In the order in which they were made, which is that of the outbox: a chain goes out as it was written. */
async function quarantinedWrites(
  { store }: EngineContext,
  ids: readonly string[] | undefined,
): Promise<LocalConflict[]> {
  const rows = await store.read((transaction) => transaction.list('conflicts', { prefix: 'quarantine/' }))
  const wanted = ids && new Set(ids)
  return rows
    .flatMap(([, conflict]) => (!wanted || wanted.has(conflict.id) ? [conflict] : []))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
}
