import type { ObservationId, PageInput, Recommendation, RecommendationId } from '@fieldsync/contracts'
import { Prisma } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Page } from '../core/json-text.ts'
import { notFound } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { keysetOf, type ListRow, pageOf, withinPageBytes } from '../lists/keyset.ts'

type Call<Input> = { ctx: ServiceContext; input: Input }

/** One recommendation. @throws ServiceError NOT_FOUND, also for a record of another workspace */
export const getRecommendation = verb(
  'read',
  async ({ ctx, input }: Call<{ recommendationId: RecommendationId }>): Promise<JsonText<Recommendation>> => {
    const [row] = await ctx.db.prisma.$queryRaw<{ document: string }[]>`
      SELECT document::text AS document FROM recommendations
      WHERE workspace_id = ${ctx.actor.workspaceId} AND recommendation_id = ${input.recommendationId}`
    if (!row) throw notFound('recommendation', input.recommendationId)
    return new JsonText(row.document)
  },
)

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
    const rows = await ctx.db.prisma.$queryRaw<ListRow[]>`
      SELECT key, document::text AS document, found FROM ${withinPageBytes(candidates)} page ORDER BY key DESC`
    return pageOf(rows, limit)
  },
)
