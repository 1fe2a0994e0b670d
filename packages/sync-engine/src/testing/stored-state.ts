// For tests of the engine in other packages: what it stores beside the records, and what must agree there.
export type { Position, QueueNumbers, Trial } from '../core/engine-meta.ts'
export { type DiskTables, diskTables } from './disk-tables.ts'
export { storeFindings } from './store-findings.ts'
