import type { ModelLimits } from '../model/read-batch.ts'

/** Bounds of the servers that run scripts: low, so that small batches reach them. */
export const SCRIPT_LIMITS: ModelLimits = { maxBytes: 48 * 1024, maxRecords: 10 }
