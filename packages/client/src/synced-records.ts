import type { EntityType, Ids, ListRecords, RecordView, SyncEngine } from '@fieldsync/sync-engine'

/** Reading the records of one type, without a network. */
export type Reads<T extends EntityType> = {
  /** Null for a record that is not on the device. */
  get(id: string): Promise<RecordView<T> | null>
  /** In the order in which they first reached this device, independent of clocks. */
  list(options?: ListRecords): Promise<RecordView<T>[]>
}

/** The records on the device: everything can be read and written without a network. */
export type SyncedRecords = {
  readonly observations: Reads<'observation'> & {
    /** An id that no other device generates. */
    readonly newId: Ids['observation']
    readonly save: SyncEngine['saveObservation']
    readonly correct: SyncEngine['correct']
    readonly preview: SyncEngine['preview']['observation']
  }
  readonly recommendations: Reads<'recommendation'> & {
    /** An id that no other device generates. */
    readonly newId: Ids['recommendation']
    readonly save: SyncEngine['saveRecommendation']
    readonly preview: SyncEngine['preview']['recommendation']
  }
  readonly playbooks: Reads<'playbook'> & {
    readonly patch: SyncEngine['patchPlaybook']
    readonly preview: SyncEngine['preview']['patch']
  }
}

export function syncedRecords(engine: SyncEngine, ids: Ids): SyncedRecords {
  const reads = <T extends EntityType>(type: T): Reads<T> => ({
    get: (id) => engine.record(type, id),
    list: (options) => engine.records(type, options),
  })
  return {
    observations: {
      ...reads('observation'),
      newId: () => ids.observation(),
      save: (draft, edit) => engine.saveObservation(draft, edit),
      correct: (id, changes, reason, edit) => engine.correct(id, changes, reason, edit),
      preview: (draft, edit) => engine.preview.observation(draft, edit),
    },
    recommendations: {
      ...reads('recommendation'),
      newId: () => ids.recommendation(),
      save: (draft, edit) => engine.saveRecommendation(draft, edit),
      preview: (draft, edit) => engine.preview.recommendation(draft, edit),
    },
    playbooks: {
      ...reads('playbook'),
      patch: (draft, edit) => engine.patchPlaybook(draft, edit),
      preview: (draft, edit) => engine.preview.patch(draft, edit),
    },
  }
}
