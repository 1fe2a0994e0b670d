import { it } from 'vitest'

import { aDayOnAStore } from '../../testing/store-contract.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { openNodeSqliteStore } from './node-sqlite-store.ts'

it('[ENG-2, GUA-10] an engine on SQLite drains a day', async () => {
  using folder = temporaryFolder()
  const store = await openNodeSqliteStore({ file: folder.file })
  await aDayOnAStore(store)
  await store.close()
})
