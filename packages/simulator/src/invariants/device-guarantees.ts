import { canonicalText } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import type { DeviceCopy, WrittenDocument } from '../state/device-copy.ts'
import type { WorkspaceState } from '../state/workspace-state.ts'
import { isSame } from './equality.ts'

/** G4: with its queue empty and at the head, a device has exactly what the server has. */
export function converged({ device, server }: DeviceCopy, state: WorkspaceState): string[] {
  const held = currentRecords(state)
  return [
    ...[...held].flatMap(([key, record]) =>
      isSame(server.get(key), record)
        ? []
        : [`${device} ${server.has(key) ? 'has another' : 'has no'} ${key}`],
    ),
    ...[...server.keys()]
      .filter((key) => !held.has(key))
      .map((key) => `${device} has ${key}, the server has not`),
  ]
}

/** Every current record of a server by `<type>/<id>`. */
export const currentRecords = ({
  observations,
  recommendations,
  playbooks,
}: WorkspaceState): Map<string, object> =>
  new Map<string, object>([
    ...[...observations].map(([id, { record }]) => [`observation/${id}`, record] as const),
    ...[...recommendations].map(([id, { record }]) => [`recommendation/${id}`, record] as const),
    ...[...playbooks].map(([id, playbook]) => [`playbook/${id}`, playbook] as const),
  ])

/**
 * G10: once faults have stopped for long enough, nothing waits to be sent any more. Only behind a conflict do later
 * writes of the same record wait: those are resolved first.
 */
export function drained(copies: readonly DeviceCopy[]): string[] {
  return copies
    .filter(({ queued }) => queued.length > 0)
    .map(({ device, queued }) => `${device} still has ${queued.length} writes to send`)
}

/** G7: no device has a record that was held by another workspace and never by its own. */
export function isolated(copies: readonly DeviceCopy[], states: readonly WorkspaceState[]): string[] {
  const everHeld = new Map(states.map((state) => [state.workspaceId, hashesOf(state)]))
  return copies.flatMap(({ device, workspaceId, server }) =>
    [...server].flatMap(([key, record]) => {
      const hash = sha256(canonicalText(record))
      if (everHeld.get(workspaceId)?.has(hash)) return []
      const owner = [...everHeld].find(([, hashes]) => hashes.has(hash))
      return owner ? [`${device} has ${key} of ${owner[0]}`] : []
    }),
  )
}

/** Of every record that was ever held, by the audit. */
const hashesOf = ({ audit }: WorkspaceState): Set<string> =>
  new Set(audit.flatMap(({ chg }) => chg.flatMap(({ after }) => after ?? [])))

/**
 * ENG-41: what a device has shown once it shows later too, the record or a version that only it still has, unless the
 * server deleted it or a person gave it up; and it counts all that only it has.
 *
 * @param seen keys of what it has shown so far
 * @param givenUp keys of what the server deleted or a person gave up
 */
export function nothingDisappears(
  { device, shown, localOnly, countedLocalOnly }: DeviceCopy,
  seen: ReadonlySet<string>,
  givenUp: ReadonlySet<string>,
): string[] {
  const gone = [...seen].filter((key) => !shown.has(key) && !givenUp.has(key))
  return [
    ...gone.map((key) => `${device} no longer shows ${key}, and reported nothing`),
    ...(countedLocalOnly === localOnly.size
      ? []
      : [`${device} counts ${countedLocalOnly} records only on it, there are ${localOnly.size}`]),
  ]
}

/** What became of the writes of a device so far, kept by who watches it. */
export type WriteJournal = {
  /** Every write that the device said it had kept, in order. */
  readonly written: readonly WrittenDocument[]
  /** Those whose acceptance by the server the device has taken over. */
  readonly accepted: readonly WrittenDocument[]
  /** Those that a person gave up, or put another in place of. */
  readonly givenUp: readonly WrittenDocument[]
}

/**
 * G9: every write of a device is pending or in flight (both are in its queue), accepted, or waits for a person with its
 * value, unless a later write of the same record took its place or a person gave it up.
 */
export function nothingLostOnDevice(
  { written, accepted, givenUp }: WriteJournal,
  { device, queued, losing }: DeviceCopy,
): string[] {
  const stored = new Set(
    [...queued, ...losing, ...accepted, ...givenUp].map((document) => canonicalText(document)),
  )
  const latest = new Map(written.map((document) => [idOf(document), document]))
  return [...latest]
    .filter(([, document]) => !stored.has(canonicalText(document)))
    .map(([id]) => `${device} lost its last write of ${id}`)
}

function idOf(document: WrittenDocument): string {
  if ('patchId' in document) return document.patchId
  return 'recommendationId' in document ? document.recommendationId : document.observationId
}
