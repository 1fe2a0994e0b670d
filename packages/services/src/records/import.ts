import type { DeviceId, Instant, Observation, Recommendation, WorkspaceId } from '@fieldsync/contracts'
import type { Queryable, WorkspaceWrite } from '@fieldsync/db'
import { type CanonicalRecord, canonicalRecord, Role } from '@fieldsync/domain'

import type { AdminContext, ServiceContext } from '../core/context.ts'
import { forbidden, ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { addSuccessors } from '../sync/add-successors.ts'
import { decideObservations, decideRecommendations } from '../sync/decide-records.ts'
import { BatchDecisions, comeInParts } from '../sync/decision.ts'
import { planWrite } from '../sync/plan-write.ts'
import { readStoredRows } from '../sync/stored-rows.ts'
import { type WorkingSet, workingSetOf } from '../sync/working-set.ts'
import { requireWorkspace } from '../write/admin-context.ts'
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
  await requireWorkspace(ctx.runtime, workspaceId)
  const device = await ctx.runtime.db.prisma.device.findUnique({
    where: { workspaceId_deviceId: { workspaceId, deviceId } },
    select: { role: true, epoch: true, revokedAt: true },
  })
  if (!device) throw new ServiceError('NOT_FOUND', `There is no device ${deviceId} in ${workspaceId}.`)
  if (device.revokedAt !== null) throw forbidden('role', `The device ${deviceId} was revoked.`)
  const role = Role.parse(device.role)
  if (role !== 'admin')
    throw forbidden('role', `Only an admin writes for others; the role of ${deviceId} is ${role}.`)
  const actor = { kind: 'device', workspaceId, deviceId, role, epoch: device.epoch } as const
  return { ...ctx, actor }
}

/** The stored records that the conflicts show may be too large together; that of a single one never is. */
async function importInParts(
  ctx: ServiceContext,
  input: RecordsToImport,
): Promise<ImportedRecord[] | ServiceError> {
  const imported = await importAtOnce(ctx, input)
  if (imported) return imported
  const [first, second] = halves(input)
  const before = await importInParts(ctx, first)
  if (before instanceof ServiceError) return before
  const after = await importInParts(ctx, second)
  if (after instanceof ServiceError) return after
  const { length: observations } = first.observations
  const { length: others } = second.observations
  return [
    ...before.slice(0, observations),
    ...after.slice(0, others),
    ...before.slice(observations),
    ...after.slice(others),
  ]
}

type DecidedImport = { records: ImportedRecord[]; changes: boolean; write: WorkspaceWrite }

/** Undefined where the conflicts are too large together; then nothing was written. */
async function importAtOnce(
  ctx: ServiceContext,
  input: RecordsToImport,
): Promise<ImportedRecord[] | ServiceError | undefined> {
  let decided = await decide(ctx, input, ctx.runtime.db.pool)
  if (!decided || input.dryRun || !decided.changes) return decided?.records
  const result = await commitDecided(ctx, async (connection) => {
    decided = await decide(ctx, input, connection)
    return decided
      ? { write: decided.write }
      : { refusal: comeInParts(input.observations.length + input.recommendations.length) }
  })
  return decided && 'refusal' in result ? result.refusal : decided?.records
}

/** Undefined where the conflicts are too large together. */
async function decide(
  ctx: ServiceContext,
  input: RecordsToImport,
  connection: Queryable,
): Promise<DecidedImport | undefined> {
  const { actor } = ctx
  const now = ctx.clock.now()
  const context = { actor, requestedAt: input.writtenBy, now }
  const upserts = {
    observations: [...input.observations],
    recommendations: [...input.recommendations],
    playbookPatches: [],
  }
  const set = workingSetOf(await readStoredRows(connection, actor, upserts, true))
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
  if (!decisions.conflictsFit) return undefined
  await addSuccessors({ connection, workspaceId: actor.workspaceId, now, set, decisions })
  const write = {
    ...baseWrite(ctx, {
      action: OPERATION,
      at: now,
      changes: decisions.changes,
      target: { type: 'file', id: input.fileSha256 },
      requestSha256: null,
      outcome: { ok: true, code: null },
    }),
    ...planWrite(set, decisions),
    // No device resolves them.
    conflicts: [],
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
