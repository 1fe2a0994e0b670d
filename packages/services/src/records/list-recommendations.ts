import { replacedBy } from '@fieldsync/agronomy'
import type { ListedRecommendation, Recommendation, RecommendationsInput } from '@fieldsync/contracts'
import { Prisma, type Queryable, queryRows, readCurrent } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import type { Page } from '../core/json-text.ts'
import { verb } from '../core/verb.ts'
import { keysetOf, SCANNED_ROWS } from '../lists/keyset.ts'
import { recordPage } from '../lists/record-page.ts'
import { isObservedSql, writtenWithin } from './list.ts'

/**
 * Recommendations of the workspace, or of one observation, newest change first, narrowed as observations are (OPS-9); each
 * with the block of its observation, and with what takes its place (OPS-94).
 */
export const listRecommendations = verb(
  'read',
  async ({
    ctx,
    input,
  }: {
    ctx: ServiceContext
    input: RecommendationsInput
  }): Promise<Page<ListedRecommendation>> => {
    const { observationId, status, issue, playbookId, from, to } = input
    const ofWorkspace = Prisma.sql`workspace_id = ${ctx.actor.workspaceId}`
    const inDocument = (name: string, value: string) => Prisma.sql`document->>${name}::text = ${value}`
    const { workspaceId } = ctx.actor
    const wanted = {
      ...keysetOf(input),
      table: Prisma.sql`recommendations`,
      within:
        observationId === undefined
          ? ofWorkspace
          : Prisma.sql`${ofWorkspace} AND observation_id = ${observationId}`,
      conditions: [
        ...(status === undefined ? [] : [Prisma.sql`status = ${status}`]),
        ...writtenWithin({ from, to }),
        ...(issue === undefined ? [] : [inDocument('issue', issue)]),
        ...(playbookId === undefined ? [] : [inDocument('playbookId', playbookId)]),
      ],
    }
    return await readCurrent(ctx.runtime.db, workspaceId, (source) =>
      recordPage(source, {
        ...wanted,
        complete: (documents) => completed({ source, workspaceId }, documents),
      }),
    )
  },
)

type Read = { readonly source: Queryable; readonly workspaceId: string }

async function completed(read: Read, documents: string[]): Promise<string[]> {
  // Stored from parsed recommendations.
  const shown = documents.map((document) => JSON.parse(document) as Recommendation)
  const ids = [...new Set(shown.map(({ observationId }) => observationId))]
  const [blocks, replaced] = await Promise.all([readBlocks(read, ids), readReplaced(read, ids)])
  return documents.map((document, index) => {
    const { observationId, recommendationId } = shown[index] ?? {}
    const fieldBlock = observationId && blocks.get(observationId)
    const by = recommendationId && replaced.get(recommendationId)
    const more = JSON.stringify({ ...(fieldBlock && { fieldBlock }), ...(by && { replacedBy: by }) })
    return more === '{}' ? document : `${document.slice(0, -1)},${more.slice(1)}`
  })
}

/** The block of each observation where it was observed. */
async function readBlocks({ source, workspaceId }: Read, ids: readonly string[]) {
  const rows = await queryRows<{ id: string; block: string | null }>(
    source,
    Prisma.sql`
      SELECT observation_id AS id, document->'extraction'->>'fieldBlock' AS block FROM observations
      WHERE workspace_id = ${workspaceId} AND observation_id IN (${Prisma.join([...ids])})
        AND ${isObservedSql('/extraction/fieldBlock')}`,
  )
  return new Map(rows.map(({ id, block }) => [id, block]))
}

/** What takes the place of the recommendations for some observations, by the newest as many as a page may look at. */
async function readReplaced({ source, workspaceId }: Read, ids: readonly string[]) {
  const rows = await queryRows<{ document: string }>(
    source,
    Prisma.sql`
      SELECT document::text AS document FROM recommendations
      WHERE workspace_id = ${workspaceId} AND observation_id IN (${Prisma.join([...ids])})
      ORDER BY position DESC LIMIT ${SCANNED_ROWS}`,
  )
  return replacedBy(rows.map(({ document }) => JSON.parse(document) as Recommendation))
}
