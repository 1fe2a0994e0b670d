import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { openNodeSqliteStore } from '@fieldsync/sync-engine/stores/node-sqlite'
import { it } from 'vitest'

import { dayOnStore } from '../testing/day-on-store.ts'

it('[ENG-2, GUA-10] an engine on SQLite drains a day', async () => {
  using folder = mkdtempDisposableSync(path.join(tmpdir(), 'fieldsync-store-'))
  const store = await openNodeSqliteStore({ file: path.join(folder.path, 'store.db') })
  await dayOnStore(store)
  await store.close()
})
