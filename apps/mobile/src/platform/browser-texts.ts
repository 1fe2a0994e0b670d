import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

import type { KeptText, WatchedText } from './platform.ts'

type Texts = DBSchema & { texts: { key: string; value: string } }

let opened: Promise<IDBPDatabase<Texts>> | undefined
const database = () =>
  (opened ??= openDB<Texts>('fieldsync-app', 1, { upgrade: (db) => void db.createObjectStore('texts') }))

/** Kept in IndexedDB: what lies in localStorage reaches the disk seconds later, and a browser that dies before loses it. */
export function browserText(name: string): KeptText {
  return {
    read: async () => (await (await database()).get('texts', name)) ?? null,
    write: async (text) => {
      const { store, done } = (await database()).transaction('texts', 'readwrite', { durability: 'strict' })
      await Promise.all([store.put(text, name), done])
    },
  }
}

/** The settings, of whose changes the site's other tabs hear. */
export class BrowserSettings implements WatchedText {
  readonly #text = browserText('settings')
  // An old browser's tabs see each other's settings when they are loaded again.
  readonly #channel =
    typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('fieldsync-app-settings')

  readonly read = this.#text.read

  async write(text: string): Promise<void> {
    await this.#text.write(text)
    this.#channel?.postMessage('changed')
  }

  watch(changed: () => void): () => void {
    this.#channel?.addEventListener('message', changed)
    return () => this.#channel?.removeEventListener('message', changed)
  }
}
