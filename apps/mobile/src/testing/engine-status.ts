import type { EngineStatus } from '@fieldsync/sync-engine'

/** The status of an engine at rest with nothing to send, but for what a test changes. */
export const status = (change: Partial<EngineStatus>): EngineStatus => ({
  state: 'idle',
  pending: 0,
  conflicts: 0,
  quarantined: 0,
  localOnly: 0,
  lastSyncAt: 1,
  clockOffset: 0,
  nextTryAt: null,
  problem: null,
  problemDetail: null,
  progress: null,
  foreign: null,
  wipe: null,
  ...change,
})
