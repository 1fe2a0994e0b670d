import type { Role } from '@fieldsync/domain'
import type { SeededRandom } from '@fieldsync/testkit'

import type { WorkspaceState } from '../../state/workspace-state.ts'

/** Who writes in a step, and what it writes on. */
export type Writer = {
  readonly rng: SeededRandom
  readonly deviceId: string
  readonly role: Role
  /** The other devices of the workspace. */
  readonly others: readonly string[]
  /** What the server holds before the step. */
  readonly state: WorkspaceState
  /** The server's clock, milliseconds since 1970. */
  readonly now: number
}
