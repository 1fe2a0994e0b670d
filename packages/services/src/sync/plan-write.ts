import type { WorkspaceWrite } from '@fieldsync/db'
import type { Judgement } from './judgement.ts'
import type { Held, WorkingSet } from './working-set.ts'

/** The part of a write that follows from the judged records. */
export type RecordWrites = Pick<
  WorkspaceWrite,
  | 'guards'
  | 'moved'
  | 'newObservations'
  | 'changedObservations'
  | 'corrections'
  | 'newRecommendations'
  | 'changedRecommendations'
  | 'playbooks'
  | 'versions'
  | 'patches'
  | 'conflicts'
  | 'positions'
>

/**
 * Turns a judged batch into rows. Every record that was looked at is written with the revision it was read at, or
 * guarded at that revision; one that was not found is guarded as absent. Records are spliced into the JSON as the texts they already are.
 */
export function planWrite(set: WorkingSet, judgement: Judgement): RecordWrites {
  const guards: string[] = []
  const moved: string[] = []
  const newObservations: string[] = []
  const changedObservations: string[] = []
  const newRecommendations: string[] = []
  const changedRecommendations: string[] = []
  const placeOf = new Map<string, number>()
  let place = 0

  for (const [id, held] of set.observations) {
    if (!held.changed) {
      keep('observation', id, held, guards, moved)
      continue
    }
    placeOf.set(id, ++place)
    const { canonical, timeMicros } = held.state
    const row = `${common(place, id, canonical.record.status, canonical.text, timeMicros)},"device":${json(canonical.record.deviceId)}`
    if (held.revision === null) newObservations.push(`{${row}}`)
    else changedObservations.push(`{${row},"revision":${held.revision}}`)
  }
  for (const [id, held] of set.recommendations) {
    if (!held.changed) {
      keep('recommendation', id, held, guards, moved)
      continue
    }
    const { canonical, timeMicros } = held.state
    const row = `${common(++place, id, canonical.record.status, canonical.text, timeMicros)},"observation":${json(canonical.record.observationId)}`
    if (held.revision === null) newRecommendations.push(`{${row}}`)
    else changedRecommendations.push(`{${row},"revision":${held.revision}}`)
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
    newObservations: list(newObservations),
    changedObservations: list(changedObservations),
    newRecommendations: list(newRecommendations),
    changedRecommendations: list(changedRecommendations),
    playbooks: list(playbooks),
    positions: place,
    ...appendedRows(judgement, placeOf),
  }
}

function appendedRows(judgement: Judgement, placeOf: ReadonlyMap<string, number>) {
  const corrections = judgement.corrections.map(
    (made, ordinal) =>
      `{"i":${placeOf.get(made.observationId) ?? 0},"ordinal":${ordinal},"observation":${json(made.observationId)},` +
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
  return { corrections: list(corrections), versions: list(versions), patches: list(patches), conflicts: list(conflicts) }
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

const common = (place: number, id: string, status: string, text: string, timeMicros: number): string =>
  `"i":${place},"id":${json(id)},"status":${json(status)},"bytes":${Buffer.byteLength(text)},"time":${timeMicros},"document":${text}`

const json = (value: unknown): string => JSON.stringify(value)

const list = (rows: readonly string[]): string | null => (rows.length === 0 ? null : `[${rows.join(',')}]`)
