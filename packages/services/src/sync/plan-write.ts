import { DOCUMENT_SEPARATOR, type WorkspaceWrite } from '@fieldsync/db'
import { searchTextOf } from '@fieldsync/domain'

import type { BatchDecision } from './decision.ts'
import type { Held, WorkingSet } from './working-set.ts'

/** The part of a write that follows from the judged records. */
export type RecordWrites = Pick<
  WorkspaceWrite,
  | 'guards'
  | 'moved'
  | 'newObservations'
  | 'newObservationDocuments'
  | 'changedObservations'
  | 'changedObservationDocuments'
  | 'corrections'
  | 'newRecommendations'
  | 'newRecommendationDocuments'
  | 'changedRecommendations'
  | 'changedRecommendationDocuments'
  | 'playbooks'
  | 'versions'
  | 'patches'
  | 'conflicts'
  | 'positions'
  | 'stateDelta'
>

/**
 * Turns a judged batch into rows. Every record that was looked at is written with the revision it was read at, or
 * guarded at that revision; one that was not found is guarded as absent. Records go along as the texts they already are.
 */
export function planWrite(set: WorkingSet, judgement: BatchDecision): RecordWrites {
  const guards: string[] = []
  const moved: string[] = []
  const newObservations = new RecordRows()
  const changedObservations = new RecordRows()
  const newRecommendations = new RecordRows()
  const changedRecommendations = new RecordRows()
  const positionOf = new Map<string, number>()
  let place = 0

  for (const [id, held] of set.observations) {
    if (!held.changed) {
      keep('observation', id, held, guards, moved)
      continue
    }
    positionOf.set(id, ++place)
    const { canonical, timeMicros } = held.state
    const row = `${common(place, id, canonical, timeMicros)},"device":${json(canonical.record.deviceId)},"search":${json(searchTextOf(canonical.record))}`
    if (held.revision === null) newObservations.add(`{${row}}`, canonical.text)
    else changedObservations.add(`{${row},"revision":${held.revision}}`, canonical.text)
  }
  for (const [id, held] of set.recommendations) {
    if (!held.changed) {
      keep('recommendation', id, held, guards, moved)
      continue
    }
    const { canonical, timeMicros } = held.state
    const row = `${common(++place, id, canonical, timeMicros)},"observation":${json(canonical.record.observationId)}`
    if (held.revision === null) newRecommendations.add(`{${row}}`, canonical.text)
    else changedRecommendations.add(`{${row},"revision":${held.revision}}`, canonical.text)
  }
  const playbooks: string[] = []
  for (const [id, held] of set.playbooks) {
    if (!held.changed) {
      guards.push(`{"kind":"playbook","id":${json(id)},"revision":${held.revision}}`)
      continue
    }
    const { version, updatedAt } = held.document
    playbooks.push(
      `{"i":${++place},"id":${json(id)},"revision":${held.revision},"version":${version},"updated":${json(updatedAt)}}`,
    )
  }

  guards.push(
    ...stillAbsent('observation', set.asked.observation, set.observations),
    ...stillAbsent('recommendation', set.asked.recommendation, set.recommendations),
    ...stillAbsent('playbook', set.asked.playbook, set.playbooks),
  )

  return {
    guards: list(guards),
    moved: list(moved),
    newObservations: newObservations.rows,
    newObservationDocuments: newObservations.documents,
    changedObservations: changedObservations.rows,
    changedObservationDocuments: changedObservations.documents,
    newRecommendations: newRecommendations.rows,
    newRecommendationDocuments: newRecommendations.documents,
    changedRecommendations: changedRecommendations.rows,
    changedRecommendationDocuments: changedRecommendations.documents,
    playbooks: list(playbooks),
    positions: place,
    stateDelta: judgement.stateDelta,
    ...appendedRows(judgement, positionOf),
  }
}

function appendedRows(judgement: BatchDecision, positionOf: ReadonlyMap<string, number>) {
  const corrections = judgement.corrections.map(
    (made, ordinal) =>
      `{"i":${positionOf.get(made.observationId) ?? 0},"ordinal":${ordinal},"observation":${json(made.observationId)},` +
      `"id":${json(made.correctionId)},"sha256":${json(made.contentSha256)},"before":${made.before ?? 'null'},"after":${made.after}}`,
  )
  const versions = judgement.versions.map(
    (made) =>
      `{"playbook":${json(made.playbookId)},"version":${made.version},"patch":${json(made.patchId)},` +
      `"paths":${json(made.paths)},"document":${made.text}}`,
  )
  const patches = judgement.attempts.map(
    ({ patch, outcome, code, oldVersion, newVersion }) =>
      `{"id":${json(patch.record.patchId)},"playbook":${json(patch.record.playbookId)},"outcome":${json(outcome)},` +
      `"code":${json(code)},"old":${oldVersion},"new":${newVersion},"document":${patch.text}}`,
  )
  const conflicts = judgement.conflicts.map(
    ({ conflict, incoming }) =>
      `{"id":${json(conflict.conflictId)},"type":${json(conflict.entityType)},"entity":${json(conflict.entityId)},` +
      `"code":${json(conflict.code)},"resolution":${json(conflict.resolution)},"incoming":${incoming.text}}`,
  )
  return {
    corrections: list(corrections),
    versions: list(versions),
    patches: list(patches),
    conflicts: list(conflicts),
  }
}

function keep(
  kind: string,
  id: string,
  held: Held<{ timeMicros: number }>,
  guards: string[],
  moved: string[],
): void {
  const seen = `"kind":"${kind}","id":${json(id)},"revision":${held.revision}`
  if (held.moved) moved.push(`{${seen},"time":${held.state.timeMicros}}`)
  else guards.push(`{${seen}}`)
}

const stillAbsent = (kind: string, asked: readonly string[], known: ReadonlyMap<string, unknown>): string[] =>
  asked.filter((id) => !known.has(id)).map((id) => `{"kind":"${kind}","id":${json(id)},"revision":null}`)

const common = (
  place: number,
  id: string,
  canonical: { record: { status: string }; text: string },
  timeMicros: number,
) =>
  `"i":${place},"id":${json(id)},"status":${json(canonical.record.status)},"bytes":${Buffer.byteLength(canonical.text)},"time":${timeMicros}`

const json = (value: unknown): string => JSON.stringify(value)

const list = (rows: readonly string[]): string | null => (rows.length === 0 ? null : `[${rows.join(',')}]`)

/** Rows of one kind: their columns as JSON, and their records beside, in the same order. */
class RecordRows {
  readonly #rows: string[] = []
  readonly #documents: string[] = []

  add(row: string, document: string): void {
    this.#rows.push(row)
    this.#documents.push(document)
  }

  get rows(): string | null {
    return list(this.#rows)
  }

  get documents(): string | null {
    return this.#documents.length === 0 ? null : this.#documents.join(DOCUMENT_SEPARATOR)
  }
}
