import type { CorrectionRecord, Observation, ObservationId, PageInput } from '@fieldsync/contracts'

import type { ServiceContext } from '../verb/context.ts'
import { JsonText, type Page } from '../verb/json-text.ts'
import { notFound } from '../verb/service-error.ts'
import { verb } from '../verb/verb.ts'
import { keysetOf, pageOf } from './keyset.ts'

type Call<Input> = { ctx: ServiceContext; input: Input }
type Row = { key: bigint; document: string }

/** One observation. @throws ServiceError NOT_FOUND, also for a record of another workspace */
export const getObservation = verb(
  'read',
  async ({ ctx, input }: Call<{ observationId: ObservationId }>): Promise<JsonText<Observation>> => {
    const [row] = await ctx.db.prisma.$queryRaw<{ document: string }[]>`
      SELECT document::text AS document FROM observations
      WHERE workspace_id = ${ctx.actor.workspaceId} AND observation_id = ${input.observationId}`
    if (!row) throw notFound('observation', input.observationId)
    return new JsonText(row.document)
  },
)

/** Observations of the workspace, newest change first. */
export const listObservations = verb(
  'read',
  async ({ ctx, input }: Call<PageInput>): Promise<Page<Observation>> => {
    const { before, limit } = keysetOf(input)
    const rows = await ctx.db.prisma.$queryRaw<Row[]>`
      SELECT position AS key, document::text AS document FROM observations
      WHERE workspace_id = ${ctx.actor.workspaceId} AND position < ${before}
      ORDER BY position DESC LIMIT ${limit + 1}`
    return pageOf(rows, limit)
  },
)

type CorrectionRow = {
  key: bigint
  correctionId: string
  deviceId: string
  acceptedAt: Date
  before: string | null
  after: string
}

/** Correction history of one observation, newest first. @throws ServiceError NOT_FOUND */
export const listCorrections = verb(
  'read',
  async ({
    ctx,
    input,
  }: Call<PageInput & { observationId: ObservationId }>): Promise<Page<CorrectionRecord>> => {
    await getObservation({ ctx, input: { observationId: input.observationId } })
    const { before, limit } = keysetOf(input)
    // Position and ordinal as one number: a batch holds at most a few thousand records.
    const rows = await ctx.db.prisma.$queryRaw<CorrectionRow[]>`
      SELECT position * 10000 + ordinal AS key, correction_id AS "correctionId", device_id AS "deviceId",
             accepted_at AS "acceptedAt", before::text AS before, after::text AS after
      FROM observation_corrections
      WHERE workspace_id = ${ctx.actor.workspaceId} AND observation_id = ${input.observationId}
        AND position * 10000 + ordinal < ${before}
      ORDER BY position DESC, ordinal DESC LIMIT ${limit + 1}`
    return pageOf(
      rows.map((row) => ({ key: row.key, document: correctionText(row) })),
      limit,
    )
  },
)

function correctionText(row: CorrectionRow): string {
  // Written from a parsed observation that carries its correction.
  const after = JSON.parse(row.after) as Observation
  const { correction } = after
  if (!correction) throw new Error(`correction ${row.correctionId} was stored without its correction`)
  const told = {
    correctionId: correction.correctionId,
    observationId: after.observationId,
    reason: correction.reason,
    correctedAt: correction.correctedAt,
    acceptedAt: row.acceptedAt.toISOString(),
    deviceId: row.deviceId,
    supersedes: correction.supersedes,
    checksum: after.deterministicChecksum,
  }
  return `${JSON.stringify(told).slice(0, -1)},"before":${row.before ?? 'null'},"after":${row.after}}`
}
