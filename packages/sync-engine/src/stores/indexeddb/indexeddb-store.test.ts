import { seededRuns } from '@fieldsync/testkit'
import { deleteDB } from 'idb'

import { describeLocalStore } from '../testing/describe-local-store.ts'
import { openIndexedDbStore } from './indexeddb-store.ts'
import { useFakeIndexedDb } from './testing/fake-indexeddb.ts'

useFakeIndexedDb()

let places = 0

describeLocalStore('IndexedDB as written in JavaScript', {
  seed: seededRuns().seed,
  place: async () => {
    const name = `place ${(places += 1)}`
    return { open: (schema) => openIndexedDbStore({ name }, schema), remove: () => deleteDB(name) }
  },
})
