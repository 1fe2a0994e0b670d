import { WorkspaceId } from '@fieldsync/contracts'
import { checkpointOrigin } from '@fieldsync/domain'
import {
  type AdminContext,
  type AuditVerdict,
  listWorkspaces,
  storedCheckpoints,
  systemContext,
  verifyAudit,
} from '@fieldsync/services'

import { checkpointStores } from '../checkpoints/checkpoint-stores.ts'
import type { DatabaseEnv } from '../env/database-env.ts'
import { repeatErasures, type RepeatedErasures } from '../erasure/repeat-erasures.ts'

/** What was found and done in one workspace of a restored database. */
export type SettledWorkspace = {
  readonly workspaceId: WorkspaceId
  readonly audit: AuditVerdict
  /** Rows of the audit that a checkpoint names and the database has not: written after the moment that was restored. */
  readonly lostRows: number
  readonly erasures: RepeatedErasures
}

/**
 * What remains to be done once the rows are there (BAK-7): compares each chain of the audit with the checkpoints up to its end, and
 * erases again what was erased since. Can be repeated.
 *
 * @param keys public keys of what signed checkpoints and notes
 * @throws ServiceError; what a store of checkpoints fails with
 */
export async function settleRestored(
  admin: AdminContext,
  { env, keys }: { env: DatabaseEnv; keys: readonly string[] },
): Promise<SettledWorkspace[]> {
  const settled: SettledWorkspace[] = []
  for (const { workspaceId: id, workspaceUid } of await listWorkspaces({ ctx: admin })) {
    const workspaceId = WorkspaceId.parse(id)
    const ctx = await systemContext(admin, workspaceId)
    const origin = checkpointOrigin(workspaceId, workspaceUid)
    const known = []
    for (const store of checkpointStores(env)) known.push(...(await storedCheckpoints(store, origin, keys)))
    const head = { where: { workspaceId }, select: { auditSeq: true } }
    const end = Number((await admin.runtime.db.prisma.workspaceHead.findUniqueOrThrow(head)).auditSeq)
    const witnesses = known.filter(({ seq }) => seq <= end)
    const audit = await verifyAudit({ ctx, input: { witnesses } })
    const lostRows = Math.max(end, ...known.map(({ seq }) => seq)) - end
    const erasures = await repeatErasures(admin, { env, keys, workspaceId })
    settled.push({ workspaceId, audit, lostRows, erasures })
  }
  return settled
}
