import type { WorkspaceState } from '../state/workspace-state.ts'
import { completeAudit } from './complete-audit.ts'
import { durable } from './durable.ts'
import { exactlyOnce } from './exactly-once.ts'
import { immutable } from './immutable.ts'
import { linearPlaybooks } from './linear-playbooks.ts'

/** What breaks a guarantee in what a server holds (G2, G6, G8), and in how it came from an earlier state (G1, G5). */
export function serverGuarantees(state: WorkspaceState, before?: WorkspaceState): string[] {
  return [
    ...exactlyOnce(state),
    ...linearPlaybooks(state),
    ...completeAudit(state),
    ...(before ? [...durable(before, state), ...immutable(before, state)] : []),
  ]
}
