import type { CheckpointStore } from '../audit/checkpoint-store.ts'

/** A store of checkpoints in memory, by chain and name. */
export class MemoryCheckpoints implements CheckpointStore {
  readonly name: string = 'memory'
  readonly kind = 'folder'
  readonly notes = new Map<string, Map<string, string>>()

  list = (origin: string): Promise<readonly string[]> =>
    Promise.resolve([...(this.notes.get(origin)?.keys() ?? [])].toSorted().toReversed())

  read = (origin: string, name: string): Promise<string> =>
    Promise.resolve(this.notes.get(origin)?.get(name) ?? '')

  add = (origin: string, name: string, note: string): Promise<void> => {
    const notes = this.notes.get(origin) ?? new Map<string, string>()
    if (!notes.has(name)) notes.set(name, note)
    this.notes.set(origin, notes)
    return Promise.resolve()
  }
}
