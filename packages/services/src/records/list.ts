import {
  type CorrectionRecord,
  instantMicros,
  type Observation,
  type ObservationId,
  type ObservationsInput,
  type PageInput,
  type Recommendation,
} from '@fieldsync/contracts'
import { Prisma } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import type { Page } from '../core/json-text.ts'
import { verb } from '../core/verb.ts'
import { keysetOf, type ListRow, pageOf, SCANNED_ROWS } from '../lists/keyset.ts'
import { withinPageBytes } from '../lists/page-bytes.ts'
import { getObservation } from './get.ts'
import { holdsText } from './search-text.ts'

type Call<Input> = { ctx: ServiceContext; input: Input }

/** Observations of the workspace, newest change first; what the input narrows by must all hold (OPS-6, OPS-28). */
export const listObservations = verb(
  'read',
  async ({ ctx, input }: Call<ObservationsInput>): Promise<Page<Observation>> => {
    const { before, limit } = keysetOf(input)
    const { workspaceId } = ctx.actor
    const conditions = conditionsOf(input)
    if (conditions.length === 0) {
      const candidates = Prisma.sql`
        SELECT position AS key, document_bytes AS bytes, document FROM observations
        WHERE workspace_id = ${workspaceId} AND position < ${before}
        ORDER BY position DESC LIMIT ${limit + 1}`
      const rows = await ctx.runtime.db.prisma.$queryRaw<ListRow[]>`
        SELECT key, document::text AS document, found FROM ${withinPageBytes(candidates)} page ORDER BY key DESC`
      return pageOf(rows, limit)
    }
    const candidates = Prisma.sql`
      SELECT position AS key, document_bytes AS bytes, document FROM (
        SELECT position, document_bytes, document, device_id, status, time_micros, search_text FROM observations
        WHERE workspace_id = ${workspaceId} AND position < ${before}
        ORDER BY position DESC LIMIT ${SCANNED_ROWS}
      ) scanned
      WHERE ${Prisma.join(conditions, ' AND ')} ORDER BY position DESC LIMIT ${limit + 1}`
    // One statement, so that where the scan ends and what it found are of one moment.
    const rows = await ctx.runtime.db.prisma.$queryRaw<ScannedRow[]>`
      SELECT page.key, page.document::text AS document, page.found, scan.last
      FROM (
        SELECT (
          SELECT position FROM observations WHERE workspace_id = ${workspaceId} AND position < ${before}
          ORDER BY position DESC OFFSET ${SCANNED_ROWS - 1} LIMIT 1
        ) AS last
      ) scan
      LEFT JOIN ${withinPageBytes(candidates)} page ON true ORDER BY page.key DESC`
    const page = pageOf<Observation>(rows.filter(isFound), limit)
    const last = rows[0]?.last ?? null
    return page.nextCursor === null && last !== null ? { ...page, nextCursor: `k${last}` } : page
  },
)

/** Where nothing was found, one row says where the scan stopped. */
type ScannedRow = { last: bigint | null } & (ListRow | { key: null })
const isFound = (row: ScannedRow): row is ScannedRow & ListRow => row.key !== null

/** Those on columns first: they are cheaper than a look into the record. */
function conditionsOf(input: ObservationsInput): Prisma.Sql[] {
  const { deviceId, status, from, to, issue, severity, fieldBlock, text } = input
  const inExtraction = (name: string, value: string) =>
    Prisma.sql`(document->'extraction'->>${name}::text = ${value} AND ${isObservedSql(`/extraction/${name}`)})`
  return [
    ...(deviceId === undefined ? [] : [Prisma.sql`device_id = ${deviceId}`]),
    ...(status === undefined ? [] : [Prisma.sql`status = ${status}`]),
    ...(from === undefined ? [] : [Prisma.sql`time_micros >= ${BigInt(instantMicros(from))}`]),
    ...(to === undefined ? [] : [Prisma.sql`time_micros < ${BigInt(instantMicros(to))}`]),
    ...(issue === undefined ? [] : [inExtraction('issue', issue)]),
    ...(severity === undefined ? [] : [inExtraction('severity', severity)]),
    ...(fieldBlock === undefined ? [] : [inExtraction('fieldBlock', fieldBlock)]),
    ...(text === undefined ? [] : [holdsText(text)]),
  ]
}

/** A placeholder for what nobody observed is not found by its value (OPS-37). */
const isObservedSql = (pointer: string): Prisma.Sql => Prisma.sql`NOT EXISTS (
  SELECT 1 FROM json_array_elements_text(coalesce(document->'notObserved', '[]'::json)) named
  WHERE ${pointer} = named OR starts_with(${pointer}, named || '/'))`

/** Recommendations of the workspace, or of one observation; newest change first. */
export const listRecommendations = verb(
  'read',
  async ({
    ctx,
    input,
  }: Call<PageInput & { observationId?: ObservationId | undefined }>): Promise<Page<Recommendation>> => {
    const { before, limit } = keysetOf(input)
    const ofObservation =
      input.observationId === undefined
        ? Prisma.empty
        : Prisma.sql`AND observation_id = ${input.observationId}`
    const candidates = Prisma.sql`
      SELECT position AS key, document_bytes AS bytes, document FROM recommendations
      WHERE workspace_id = ${ctx.actor.workspaceId} AND position < ${before} ${ofObservation}
      ORDER BY position DESC LIMIT ${limit + 1}`
    const rows = await ctx.runtime.db.prisma.$queryRaw<ListRow[]>`
      SELECT key, document::text AS document, found FROM ${withinPageBytes(candidates)} page ORDER BY key DESC`
    return pageOf(rows, limit)
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
    const rows = await ctx.runtime.db.prisma.$queryRaw<CorrectionRow[]>`
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
