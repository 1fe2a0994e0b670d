import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

import type { Platform } from './platform.ts'

type Texts = DBSchema & { texts: { key: 'settings'; value: string } }

/** Kept in IndexedDB: what lies in localStorage reaches the disk seconds later, and a browser that dies before loses it. */
export function browserSettings(): Platform['settings'] {
  let opened: Promise<IDBPDatabase<Texts>> | undefined
  const database = () =>
    (opened ??= openDB<Texts>('fieldsync-app', 1, { upgrade: (db) => void db.createObjectStore('texts') }))
  return {
    read: async () => (await (await database()).get('texts', 'settings')) ?? null,
    write: async (text) => {
      const { store, done } = (await database()).transaction('texts', 'readwrite', { durability: 'strict' })
      await Promise.all([store.put(text, 'settings'), done])
    },
  }
}
