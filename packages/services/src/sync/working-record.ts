import type { AuditChange } from '@fieldsync/domain'

import { sha256 } from '../core/sha256.ts'
import type { Held } from './working-set.ts'

type Judged = { canonical: { text: string }; timeMicros: number }

/** The record that won over an incoming one, with the time the server stored it; null if this batch did. */
export function winnerOf<State extends Judged>(
  held: Held<State> | undefined,
): { canonical: State['canonical']; storedAt: Date | null } | undefined {
  return held && { canonical: held.state.canonical, storedAt: held.changed ? null : held.storedAt }
}

/** Moves the effective time of a record that came again with the same content (OBS-22, REC-10). */
export function moveTime<State extends Judged>(held: Held<State>, timeMicros: number): void {
  held.state = { ...held.state, timeMicros }
  held.moved = true
}

/** The record after an accepted write: still tied to the revision it was read at. */
export function changedTo<State>(held: Held<State> | undefined, state: State): Held<State> {
  return {
    state,
    revision: held?.revision ?? null,
    storedAt: held?.storedAt ?? null,
    changed: true,
    moved: false,
  }
}

/**
 * Keeps the record as the last one that was accepted: positions are given in this order, also to records that were
 * stored before, which were read in any (DWN-4).
 */
export function putLast<State>(records: Map<string, Held<State>>, id: string, held: Held<State>): void {
  records.delete(id)
  records.set(id, held)
}

/** What the audit says of an accepted write (AUD-4). */
export function changeOf<State extends Judged>(
  type: string,
  id: string,
  kind: string,
  held: Held<State> | undefined,
  incoming: { text: string },
): AuditChange {
  return {
    type,
    id,
    kind,
    before: held ? sha256(held.state.canonical.text) : null,
    after: sha256(incoming.text),
  }
}
