import type { LocalStore } from '../../core/local-store.ts'
import type { SchemaStep } from '../schema.ts'

/** The storage of one case, empty at first. */
type StorePlace = {
  /** Opens another instance on this storage, as another tab or process does. */
  readonly open: (schema?: readonly SchemaStep[]) => Promise<LocalStore>
  /** For random choices; a failure prints it. */
  readonly seed: number
}

/** What an adapter brings to have the whole suite run on it. */
export type StoreHarness = {
  /** A new place with nothing in it. */
  readonly place: () => Promise<{
    readonly open: StorePlace['open']
    /** Called when all instances are closed. */
    readonly remove: () => Promise<void>
  }>
  readonly seed: number
}

/** One behavior that every store has. The title begins with the rules it proves. */
export type StoreCase = {
  readonly title: string
  readonly run: (place: StorePlace) => Promise<void>
}

/** Runs a case on a place of its own and leaves nothing open, whatever becomes of it. */
export async function runStoreCase({ run }: StoreCase, { place, seed }: StoreHarness): Promise<void> {
  const { open, remove } = await place()
  const opened: LocalStore[] = []
  try {
    await run({
      seed,
      open: async (schema) => {
        const store = await open(schema)
        opened.push(store)
        return store
      },
    })
  } finally {
    for (const store of opened) await store.close()
    await remove()
  }
}
