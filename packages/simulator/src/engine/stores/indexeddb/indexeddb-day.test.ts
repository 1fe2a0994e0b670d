import { openIndexedDbStore } from '@fieldsync/sync-engine/stores/indexeddb'
import * as fakeIndexedDb from 'fake-indexeddb'
import { it } from 'vitest'

import { dayOnStore } from '../../testing/day-on-store.ts'

Object.assign(globalThis, fakeIndexedDb)

it('[ENG-2, GUA-10] an engine on IndexedDB drains a day', async () => {
  const store = await openIndexedDbStore({ name: 'a day' })
  await dayOnStore(store)
  await store.close()
})
