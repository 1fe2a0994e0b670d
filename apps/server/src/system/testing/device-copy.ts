import type { SyncBatchResponse } from '@fieldsync/contracts'
import type { ObservationInput, RecommendationInput, SyncBatchInput } from '@fieldsync/testkit'

/** A device's copy of its workspace, built only from the answers it received. */
export class DeviceCopy {
  readonly observations = new Map<string, ObservationInput>()
  readonly recommendations = new Map<string, RecommendationInput>()
  playbookVersion = 0
  cursor = ''

  /** Applies an answer: others' changes first, then the outcomes of its own records. */
  apply(answer: SyncBatchResponse, sent?: SyncBatchInput['upserts']): void {
    const { downstream, conflicts } = answer
    for (const record of downstream.observations) this.observations.set(record.observationId, record)
    for (const record of downstream.recommendations) this.recommendations.set(record.recommendationId, record)
    const refused = new Map(conflicts.map((conflict) => [conflict.entityId, conflict.server?.record]))
    for (const record of sent?.observations ?? []) {
      keep(this.observations, record.observationId, record, refused)
    }
    for (const record of sent?.recommendations ?? []) {
      keep(this.recommendations, record.recommendationId, record, refused)
    }
    this.playbookVersion = downstream.playbook.version
    this.cursor = answer.serverCursor
  }

  /** All records by id, for comparing two copies. */
  contents(): Record<string, unknown> {
    return Object.fromEntries([...this.observations, ...this.recommendations])
  }
}

function keep<T>(copy: Map<string, T>, id: string, record: T, refused: ReadonlyMap<string, unknown>): void {
  if (!refused.has(id)) copy.set(id, record)
  // The record that won is of the kind that was sent.
  else if (refused.get(id) !== undefined) copy.set(id, refused.get(id) as T)
}
