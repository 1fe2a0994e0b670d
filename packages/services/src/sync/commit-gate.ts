import type { Database } from '@fieldsync/db'
import pLimit, { type LimitFunction } from 'p-limit'

// One commit runs, the next is already waiting for the head row: the database never waits for this process, and this
// process never has more connections than that waiting on one workspace.
const COMMITS_AT_ONCE = 2

type Gate = { readonly pass: LimitFunction; waiting: number }

const gates = new WeakMap<Database, Map<string, Gate>>()

/**
 * Lets the commits of one workspace through a few at a time, in the order they came. They take turns at the head row
 * anyway; without the gate a busy workspace would hold every connection of the pool while it queues, and the others
 * would find none.
 */
export async function throughCommitGate<T>(
  db: Database,
  workspaceId: string,
  commit: () => Promise<T>,
): Promise<T> {
  const ofDatabase = gates.get(db) ?? new Map<string, Gate>()
  gates.set(db, ofDatabase)
  const gate = ofDatabase.get(workspaceId) ?? { pass: pLimit(COMMITS_AT_ONCE), waiting: 0 }
  ofDatabase.set(workspaceId, gate)
  gate.waiting++
  try {
    return await gate.pass(commit)
  } finally {
    gate.waiting--
    if (gate.waiting === 0) ofDatabase.delete(workspaceId)
  }
}
