import { it } from 'vitest'

import { aDayOnAStore } from '../../testing/store-contract.ts'
import { openIndexedDbStore } from './indexeddb-store.ts'
import { useFakeIndexedDb } from './testing/fake-indexeddb.ts'

useFakeIndexedDb()

it('[ENG-2, GUA-10] an engine on IndexedDB drains a day', async () => {
  const store = await openIndexedDbStore({ name: 'a day' })
  await aDayOnAStore(store)
  await store.close()
})
