import type { CorrectionRecord, Observation, ObservationId, PageInput } from '@fieldsync/contracts'
import { Prisma } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Page } from '../core/json-text.ts'
import { notFound } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { keysetOf, type ListRow, pageOf, withinPageBytes } from '../lists/keyset.ts'

type Call<Input> = { ctx: ServiceContext; input: Input }

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

type CorrectionRow = Omit<ListRow, 'document'> & {
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
    const candidates = Prisma.sql`
      SELECT position * 10000 + ordinal AS key, correction_id, device_id, accepted_at, before AS record_before, after,
             coalesce(octet_length(before::text), 0) + octet_length(after::text) AS bytes
      FROM observation_corrections
      WHERE workspace_id = ${ctx.actor.workspaceId} AND observation_id = ${input.observationId}
        AND position * 10000 + ordinal < ${before}
      ORDER BY position DESC, ordinal DESC LIMIT ${limit + 1}`
    const rows = await ctx.db.prisma.$queryRaw<CorrectionRow[]>`
      SELECT key, found, correction_id AS "correctionId", device_id AS "deviceId", accepted_at AS "acceptedAt",
             record_before::text AS before, after::text AS after
      FROM ${withinPageBytes(candidates)} page ORDER BY key DESC`
    return pageOf(
      rows.map((row) => ({ key: row.key, found: row.found, document: correctionText(row) })),
      limit,
    )
  },
)

function correctionText(row: CorrectionRow): string {
  // Written from a parsed observation that carries its correction.
  const after = JSON.parse(row.after) as Observation
  const { correction } = after
  if (!correction) throw new Error(`correction ${row.correctionId} was stored without its correction`)
  const result = {
    correctionId: correction.correctionId,
    observationId: after.observationId,
    reason: correction.reason,
    correctedAt: correction.correctedAt,
    acceptedAt: row.acceptedAt.toISOString(),
    deviceId: row.deviceId,
    supersedes: correction.supersedes,
    checksum: after.deterministicChecksum,
  }
  return `${JSON.stringify(result).slice(0, -1)},"before":${row.before ?? 'null'},"after":${row.after}}`
}
