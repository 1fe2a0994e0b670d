import type { CheckpointStore } from '../audit/checkpoints.ts'

/** A store of checkpoints in memory, by chain and name. */
export class MemoryCheckpoints implements CheckpointStore {
  readonly notes = new Map<string, Map<string, string>>()

  list = (origin: string): Promise<readonly string[]> =>
    Promise.resolve([...(this.notes.get(origin)?.keys() ?? [])].toSorted().toReversed())

  read = (origin: string, name: string): Promise<string> =>
    Promise.resolve(this.notes.get(origin)?.get(name) ?? '')

  add = (origin: string, name: string, note: string): Promise<void> => {
    const chain = this.notes.get(origin) ?? new Map<string, string>()
    if (!chain.has(name)) chain.set(name, note)
    this.notes.set(origin, chain)
    return Promise.resolve()
  }
}
