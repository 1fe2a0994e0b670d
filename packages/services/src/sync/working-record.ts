import type { AuditChange } from '@fieldsync/domain'

import { sha256 } from '../core/json-text.ts'
import type { WorkingRecord } from './working-set.ts'

type Incoming = { canonical: { text: string }; timeMicros: number }

/** The record that won over an incoming one, with the time the server stored it; null if this batch did. */
export function winnerOf<State extends Incoming>(
  working: WorkingRecord<State> | undefined,
): { canonical: State['canonical']; storedAt: Date | null } | undefined {
  return (
    working && { canonical: working.state.canonical, storedAt: working.changed ? null : working.storedAt }
  )
}

/** Moves the effective time of a record that came again with the same content (OBS-22, REC-10). */
export function moveTime<State extends Incoming>(working: WorkingRecord<State>, timeMicros: number): void {
  working.state = { ...working.state, timeMicros }
  working.moved = true
}

/** The record after an accepted write: still tied to the revision it was read at. */
export function changedTo<State>(
  working: WorkingRecord<State> | undefined,
  state: State,
): WorkingRecord<State> {
  return {
    state,
    revision: working?.revision ?? null,
    storedAt: working?.storedAt ?? null,
    changed: true,
    moved: false,
  }
}

/**
 * Keeps the record as the last one that was accepted: positions are given in this order, also to records that were
 * stored before, which were read in any (DWN-4).
 */
export function putLast<State>(
  records: Map<string, WorkingRecord<State>>,
  id: string,
  working: WorkingRecord<State>,
): void {
  records.delete(id)
  records.set(id, working)
}

/** What the audit says of an accepted write (AUD-4). */
export function changeOf<State extends Incoming>(
  type: string,
  id: string,
  kind: string,
  working: WorkingRecord<State> | undefined,
  incoming: { text: string },
): AuditChange {
  return {
    type,
    id,
    kind,
    before: working ? sha256(working.state.canonical.text) : null,
    after: sha256(incoming.text),
  }
}
