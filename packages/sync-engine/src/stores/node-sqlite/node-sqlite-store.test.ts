import { seededRuns } from '@fieldsync/testkit'

import { describeLocalStore } from '../testing/describe-local-store.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { openNodeSqliteStore } from './node-sqlite-store.ts'

describeLocalStore('node-sqlite', {
  seed: seededRuns().seed,
  place: async () => {
    const folder = temporaryFolder()
    return {
      open: (schema) => openNodeSqliteStore({ file: folder.file }, schema),
      remove: async () => folder[Symbol.dispose](),
    }
  },
})
