import { recomputePart } from '../recommendations/recompute-part.ts'
import type { TaskHandlers } from './start-jobs.ts'

/** What each task does. */
export const TASK_HANDLERS: TaskHandlers = { recompute: recomputePart }
