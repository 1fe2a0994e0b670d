import type { TaskHandlers } from './start-jobs.ts'

/** What each task does. */
export const TASK_HANDLERS: TaskHandlers = {
  // No write adds one in this version.
  recompute: () => Promise.resolve(undefined),
}
