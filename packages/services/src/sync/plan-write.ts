import { instantMicros, type Recommendation } from '@fieldsync/contracts'
import type { WorkspaceWrite } from '@fieldsync/db'
import { searchTextOf, type StoredRecommendation } from '@fieldsync/domain'

import type { BatchDecisions } from './decision.ts'
import type { WorkingRecord, WorkingSet } from './working-set.ts'

/** The part of a write that follows from the decided records. */
type RecordWrites = Pick<
  WorkspaceWrite,
  | 'exclusive'
  | 'touches'
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
 * Turns a decided batch into rows. Every record that was looked at is written with the revision it was read at, or
 * guarded at that revision; one that was not found is guarded as absent. Records go along as the texts they already are.
 */
export function planWrite(set: WorkingSet, decisions: BatchDecisions): RecordWrites {
  if (!decisions.conflictsFit) throw new Error('a batch that was not decided to its end cannot be written')
  const guards: string[] = []
  const moved: string[] = []
  const newObservations = new RecordRows()
  const changedObservations = new RecordRows()
  const newRecommendations = new RecordRows()
  const changedRecommendations = new RecordRows()
  const positionOf = new Map<string, number>()
  let place = 0

  for (const [id, working] of set.observations) {
    if (!working.changed) {
      keep('observation', id, working, guards, moved)
      continue
    }
    positionOf.set(id, ++place)
    const { canonical, timeMicros } = working.state
    const row = `${common(place, id, canonical, timeMicros)},"device":${json(canonical.record.deviceId)},"search":${json(searchTextOf(canonical.record))}`
    if (working.revision === null) newObservations.add(row, canonical.text)
    else changedObservations.add(`${row},"revision":${working.revision}`, canonical.text)
  }
  const writeRecommendation = (id: string, working: WorkingRecord<StoredRecommendation>): void => {
    const { canonical, timeMicros } = working.state
    const row = `${common(++place, id, canonical, timeMicros)},${recommendationColumns(canonical.record)}`
    if (working.revision === null) newRecommendations.add(row, canonical.text)
    else changedRecommendations.add(`${row},"revision":${working.revision}`, canonical.text)
  }
  for (const [id, working] of set.recommendations) {
    if (!working.changed) keep('recommendation', id, working, guards, moved)
    else if (!working.byServer) writeRecommendation(id, working)
  }
  const playbooks: string[] = []
  for (const [id, working] of set.playbooks) {
    if (!working.changed) {
      guards.push(`"kind":"playbook","id":${json(id)},"revision":${working.revision}`)
      continue
    }
    const { version, updatedAt } = working.document
    playbooks.push(
      `"i":${++place},"id":${json(id)},"revision":${working.revision},"version":${version},"updated":${json(updatedAt)}`,
    )
  }
  // Behind all that the caller has written, which its answer does not repeat.
  for (const [id, working] of set.recommendations) {
    if (working.changed && working.byServer) writeRecommendation(id, working)
  }

  const absent = {
    observation: stillAbsent('observation', set.asked.observation, set.observations, set.erased),
    recommendation: stillAbsent('recommendation', set.asked.recommendation, set.recommendations, set.erased),
    playbook: stillAbsent('playbook', set.asked.playbook, set.playbooks, set.erased),
  }
  for (const [kind, ids] of Object.entries(absent))
    for (const id of ids) guards.push(`"kind":"${kind}","id":${json(id)},"revision":null`)
  for (const guard of set.guards) guards.push(json(guard).slice(1, -1))

  return {
    // A playbook is on every page, and what is pending under it may be any recommendation.
    exclusive:
      playbooks.length > 0 ||
      decisions.attempts.length > 0 ||
      set.guards.some(({ kind }) => kind === 'pending'),
    touches: [
      ...set.observations.keys(),
      ...set.recommendations.keys(),
      ...absent.observation,
      ...absent.recommendation,
      ...set.guards
        .filter(({ kind }) => kind === 'observation' || kind === 'recommendation')
        .map(({ id }) => id),
      ...decisions.conflicts.map(({ conflict }) => conflict.conflictId),
    ],
    guards,
    moved,
    newObservations: newObservations.rows,
    newObservationDocuments: newObservations.documents,
    changedObservations: changedObservations.rows,
    changedObservationDocuments: changedObservations.documents,
    newRecommendations: newRecommendations.rows,
    newRecommendationDocuments: newRecommendations.documents,
    changedRecommendations: changedRecommendations.rows,
    changedRecommendationDocuments: changedRecommendations.documents,
    playbooks,
    positions: place,
    stateDelta: decisions.stateDelta,
    ...appendedRows(decisions, positionOf),
  }
}

function appendedRows(decisions: BatchDecisions, positionOf: ReadonlyMap<string, number>) {
  const corrections = decisions.corrections.map(
    (made, ordinal) =>
      `"i":${positionOf.get(made.observationId) ?? 0},"ordinal":${ordinal},"observation":${json(made.observationId)},` +
      `"id":${json(made.correctionId)},"sha256":${json(made.contentSha256)},"before":${made.before ?? 'null'},"after":${made.after}`,
  )
  const versions = decisions.versions.map(
    (made) =>
      `"playbook":${json(made.playbookId)},"version":${made.version},"patch":${json(made.patchId)},` +
      `"paths":${json(made.paths)},"document":${made.text}`,
  )
  const patches = decisions.attempts.map(
    ({ patch, outcome, code, oldVersion, newVersion }) =>
      `"id":${json(patch.record.patchId)},"playbook":${json(patch.record.playbookId)},"outcome":${json(outcome)},` +
      `"code":${json(code)},"old":${oldVersion},"new":${newVersion},"document":${patch.text}`,
  )
  const conflicts = decisions.conflicts.map(
    ({ conflict, incoming }) =>
      `"id":${json(conflict.conflictId)},"type":${json(conflict.entityType)},"entity":${json(conflict.entityId)},` +
      `"code":${json(conflict.code)},"resolution":${json(conflict.resolution)},"incoming":${incoming.text}`,
  )
  return {
    corrections,
    versions,
    patches,
    conflicts,
  }
}

function keep(
  kind: string,
  id: string,
  working: WorkingRecord<{ timeMicros: number }>,
  guards: string[],
  moved: string[],
): void {
  const seen = `"kind":"${kind}","id":${json(id)},"revision":${working.revision}`
  if (working.moved) moved.push(`${seen},"time":${working.state.timeMicros}`)
  else guards.push(seen)
}

// What was erased is absent for ever.
const stillAbsent = (
  kind: string,
  asked: readonly string[],
  known: ReadonlyMap<string, unknown>,
  erased: ReadonlySet<string>,
): string[] => asked.filter((id) => !known.has(id) && !erased.has(`${kind} ${id}`))

const common = (
  place: number,
  id: string,
  canonical: { record: { status: string }; text: string },
  timeMicros: number,
) =>
  `"i":${place},"id":${json(id)},"status":${json(canonical.record.status)},"bytes":${Buffer.byteLength(canonical.text)},"time":${timeMicros}`

const recommendationColumns = ({ observationId, playbookId, timingWindow }: Recommendation): string =>
  `"observation":${json(observationId)},"playbook":${json(playbookId)},"ends":${instantMicros(timingWindow.endAt)}`

const json = (value: unknown): string => JSON.stringify(value)

/** Rows of one kind: their columns as members of a JSON object, and their records beside, in the same order. */
class RecordRows {
  readonly rows: string[] = []
  readonly documents: string[] = []

  add(row: string, document: string): void {
    this.rows.push(row)
    this.documents.push(document)
  }
}
