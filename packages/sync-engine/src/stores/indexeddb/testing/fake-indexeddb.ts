import * as fake from 'fake-indexeddb'

/** Gives this process an IndexedDB of its own, kept in memory. */
export function useFakeIndexedDb(): void {
  Object.assign(globalThis, fake)
}
