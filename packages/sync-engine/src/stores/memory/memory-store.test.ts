import { seededRuns } from '@fieldsync/testkit'

import { describeLocalStore } from '../testing/describe-local-store.ts'
import { MemoryDisk, openMemoryStore } from './memory-store.ts'

describeLocalStore('memory', {
  seed: seededRuns().seed,
  place: async () => {
    const disk = new MemoryDisk()
    return { open: (schema) => openMemoryStore(disk, schema), remove: async () => {} }
  },
})
