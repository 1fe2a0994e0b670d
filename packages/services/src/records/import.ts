import type { DeviceId, Instant, Observation, Recommendation, WorkspaceId } from '@fieldsync/contracts'
import type { Queryable, WorkspaceWrite } from '@fieldsync/db'
import { type CanonicalRecord, canonicalRecord, Role } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { forbidden, ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { decideObservations } from '../sync/decide-observations.ts'
import { decideRecommendations } from '../sync/decide-recommendations.ts'
import { ConflictsTooLarge, BatchDecisions } from '../sync/decision.ts'
import { planWrite } from '../sync/plan-write.ts'
import { readStoredRows, type WorkingSet, workingSetOf } from '../sync/working-set.ts'
import { type AdminContext, requireWorkspace } from '../write/admin-context.ts'
import { auditText } from '../write/audit-body.ts'
import { baseWrite } from '../write/base-write.ts'
import { commitDecided } from '../write/commit-decided.ts'

/** Some records of one export; the caller keeps them to a few hundred. */
export type RecordsToImport = {
  observations: readonly Observation[]
  recommendations: readonly Recommendation[]
  /** When records without `updatedAt` count as written (OBS-18): the same for each import of a file. */
  writtenBy: Instant
  /** Names the file in the audit. */
  fileSha256: string
  /** Decides, and writes nothing. */
  dryRun: boolean
}

/** What became of one record, in the order of the input: observations, then recommendations. */
export type ImportedRecord =
  | { id: string; outcome: 'created' | 'changed' | 'unchanged' }
  | { id: string; outcome: 'refused'; code: string; message: string }

const OPERATION = 'records.import'

/**
 * Imports records of another device's export, each decided on as in a batch (OBS and REC rules), with one audit row that
 * names the importing device and the file (RUN-22). What changes nothing leaves nothing behind, a repeated import
 * included; conflicts are answered and not filed.
 *
 * @throws ServiceError FORBIDDEN, UNAVAILABLE
 */
export const importRecords = verb(
  'observations.writeForOthers',
  ({ ctx, input }: { ctx: ServiceContext; input: RecordsToImport }) => importInParts(ctx, input),
)

/**
 * The importing device as the caller: the operator acts in its name.
 *
 * @throws ServiceError NOT_FOUND for an unknown workspace or device, FORBIDDEN for one that may not write for others
 */
export async function importerContext(
  ctx: AdminContext,
  workspaceId: WorkspaceId,
  deviceId: DeviceId,
): Promise<ServiceContext> {
  await requireWorkspace(ctx.db, workspaceId)
  const device = await ctx.db.prisma.device.findUnique({
    where: { workspaceId_deviceId: { workspaceId, deviceId } },
    select: { role: true, epoch: true, revokedAt: true },
  })
  if (!device) throw new ServiceError('NOT_FOUND', `There is no device ${deviceId} in ${workspaceId}.`)
  if (device.revokedAt !== null) throw forbidden('role', `The device ${deviceId} was revoked.`)
  const role = Role.parse(device.role)
  if (role !== 'admin')
    throw forbidden('role', `Only an admin writes for others; the role of ${deviceId} is ${role}.`)
  const actor = { kind: 'device', workspaceId, deviceId, role, epoch: device.epoch } as const
  return { db: ctx.db, clock: ctx.clock, request: ctx.request, actor }
}

/** The stored records that the conflicts show may be too large together; that of a single one never is. */
async function importInParts(ctx: ServiceContext, input: RecordsToImport): Promise<ImportedRecord[]> {
  try {
    return await importAtOnce(ctx, input)
  } catch (error) {
    if (!(error instanceof ConflictsTooLarge)) throw error
    const [first, second] = halves(input)
    const { length: observations } = first.observations
    const before = await importInParts(ctx, first)
    const after = await importInParts(ctx, second)
    const { length: others } = second.observations
    return [
      ...before.slice(0, observations),
      ...after.slice(0, others),
      ...before.slice(observations),
      ...after.slice(others),
    ]
  }
}

async function importAtOnce(ctx: ServiceContext, input: RecordsToImport): Promise<ImportedRecord[]> {
  const first = await decide(ctx, input, ctx.db.pool)
  if (input.dryRun || !first.changes) return first.records
  let { records } = first
  await commitDecided(ctx, async (connection) => {
    const decided = await decide(ctx, input, connection)
    records = decided.records
    return { write: decided.write }
  })
  return records
}

async function decide(
  ctx: ServiceContext,
  input: RecordsToImport,
  connection: Queryable,
): Promise<{ records: ImportedRecord[]; changes: boolean; write: WorkspaceWrite }> {
  const { actor, request } = ctx
  const now = ctx.clock.now()
  const context = { actor, requestedAt: input.writtenBy, now }
  const upserts = {
    observations: [...input.observations],
    recommendations: [...input.recommendations],
    playbookPatches: [],
  }
  const set = workingSetOf(await readStoredRows(connection, actor.workspaceId, upserts))
  const decisions = new BatchDecisions()
  const records = [
    ...upserts.observations
      .map(canonicalRecord)
      .map((incoming) =>
        outcomeOf(decisions, incoming.record.observationId, set.observations, () =>
          decideObservations(context, set, [incoming], decisions),
        ),
      ),
    ...upserts.recommendations
      .map(canonicalRecord)
      .map((incoming: CanonicalRecord<Recommendation>) =>
        outcomeOf(decisions, incoming.record.recommendationId, set.recommendations, () =>
          decideRecommendations(context, set, [incoming], decisions),
        ),
      ),
  ]
  const audit = auditText(actor, request, {
    action: OPERATION,
    at: now,
    changes: decisions.changes,
    target: { type: 'file', id: input.fileSha256 },
    requestSha256: null,
    outcome: { ok: true, code: null },
  })
  const write = {
    ...baseWrite({
      workspaceId: actor.workspaceId,
      deviceId: actor.deviceId,
      epoch: actor.epoch,
      operation: OPERATION,
      now,
      ...audit,
    }),
    ...planWrite(set, decisions),
    // No device resolves them.
    conflicts: null,
  }
  return { records, changes: decisions.changes.length > 0, write }
}

function outcomeOf(
  decisions: BatchDecisions,
  id: string,
  stored: WorkingSet['observations'] | WorkingSet['recommendations'],
  decideRecord: () => void,
): ImportedRecord {
  const isNew = !stored.has(id)
  const before = { conflicts: decisions.conflicts.length, changes: decisions.changes.length }
  decideRecord()
  const conflict = decisions.conflicts[before.conflicts]?.conflict
  if (conflict) return { id, outcome: 'refused', code: conflict.code, message: conflict.message }
  if (decisions.changes.length === before.changes) return { id, outcome: 'unchanged' }
  return { id, outcome: isNew ? 'created' : 'changed' }
}

function halves(input: RecordsToImport): [RecordsToImport, RecordsToImport] {
  const { observations, recommendations } = input
  const middle = Math.ceil((observations.length + recommendations.length) / 2)
  const behind = Math.max(0, middle - observations.length)
  return [
    {
      ...input,
      observations: observations.slice(0, middle),
      recommendations: recommendations.slice(0, behind),
    },
    { ...input, observations: observations.slice(middle), recommendations: recommendations.slice(behind) },
  ]
}
