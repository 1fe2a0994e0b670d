import {
  type CorrectionRecord,
  instantMicros,
  type Observation,
  type ObservationId,
  type ObservationsInput,
  type PageInput,
} from '@fieldsync/contracts'
import { Prisma, queryRows, readCurrent } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import type { Page } from '../core/json-text.ts'
import { verb } from '../core/verb.ts'
import { keysetOf, type ListRow, pageOf } from '../lists/keyset.ts'
import { withinPageBytes } from '../lists/page-bytes.ts'
import { recordPage } from '../lists/record-page.ts'
import { getObservation } from './get.ts'
import { holdsText } from './search-text.ts'

type Call<Input> = { ctx: ServiceContext; input: Input }

/** Observations of the workspace, newest change first; what the input narrows by must all hold (OPS-6, OPS-28). */
export const listObservations = verb(
  'read',
  async ({ ctx, input }: Call<ObservationsInput>): Promise<Page<Observation>> =>
    await readCurrent(ctx.runtime.db, ctx.actor.workspaceId, (source) =>
      recordPage(source, {
        ...keysetOf(input),
        table: Prisma.sql`observations`,
        within: Prisma.sql`workspace_id = ${ctx.actor.workspaceId}`,
        conditions: conditionsOf(input),
      }),
    ),
)

/** Those on columns first: they are cheaper than a look into the record. */
function conditionsOf(input: ObservationsInput): Prisma.Sql[] {
  const { deviceId, status, from, to, issue, severity, fieldBlock, text } = input
  const inExtraction = (name: string, value: string) =>
    Prisma.sql`(document->'extraction'->>${name}::text = ${value} AND ${isObservedSql(`/extraction/${name}`)})`
  return [
    ...(deviceId === undefined ? [] : [Prisma.sql`device_id = ${deviceId}`]),
    ...(status === undefined ? [] : [Prisma.sql`status = ${status}`]),
    ...writtenWithin({ from, to }),
    ...(issue === undefined ? [] : [inExtraction('issue', issue)]),
    ...(severity === undefined ? [] : [inExtraction('severity', severity)]),
    ...(fieldBlock === undefined ? [] : [inExtraction('fieldBlock', fieldBlock)]),
    ...(text === undefined ? [] : [holdsText(text)]),
  ]
}

/** By the time of the last write. */
export const writtenWithin = ({ from, to }: Pick<ObservationsInput, 'from' | 'to'>): Prisma.Sql[] => [
  ...(from === undefined ? [] : [Prisma.sql`time_micros >= ${BigInt(instantMicros(from))}`]),
  ...(to === undefined ? [] : [Prisma.sql`time_micros < ${BigInt(instantMicros(to))}`]),
]

/** A placeholder for what nobody observed is not found by its value (OPS-37). */
export const isObservedSql = (pointer: string): Prisma.Sql => Prisma.sql`NOT EXISTS (
  SELECT 1 FROM json_array_elements_text(coalesce(document->'notObserved', '[]'::json)) named
  WHERE ${pointer} = named OR starts_with(${pointer}, named || '/'))`

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
    const page = Prisma.sql`
      SELECT key, found, correction_id AS "correctionId", device_id AS "deviceId", accepted_at AS "acceptedAt",
             record_before::text AS before, after::text AS after
      FROM ${withinPageBytes(candidates)} page ORDER BY key DESC`
    const rows = await readCurrent(ctx.runtime.db, ctx.actor.workspaceId, (source) =>
      queryRows<CorrectionRow>(source, page),
    )
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
