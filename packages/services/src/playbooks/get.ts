import type { PageInput, Playbook, PlaybookId } from '@fieldsync/contracts'
import { Prisma } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Page } from '../core/json-text.ts'
import { notFound } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { keysetOf, type ListRow, pageOf, withinPageBytes } from '../lists/keyset.ts'

type Call<Input> = { ctx: ServiceContext; input: Input }

/** One playbook: its active version, or the version asked for. @throws ServiceError NOT_FOUND */
export const getPlaybook = verb(
  'read',
  async ({
    ctx,
    input,
  }: Call<{ playbookId: PlaybookId; version?: number | undefined }>): Promise<JsonText<Playbook>> => {
    const { playbookId, version } = input
    const wanted = version === undefined ? Prisma.sql`p.active_version` : Prisma.sql`${version}::bigint`
    const [row] = await ctx.db.prisma.$queryRaw<{ document: string }[]>`
      SELECT v.document::text AS document FROM playbooks p
      JOIN playbook_versions v
        ON v.workspace_id = p.workspace_id AND v.playbook_id = p.playbook_id AND v.version = ${wanted}
      WHERE p.workspace_id = ${ctx.actor.workspaceId} AND p.playbook_id = ${playbookId}`
    if (!row)
      throw notFound('playbook', version === undefined ? playbookId : `${playbookId} version ${version}`)
    return new JsonText(row.document)
  },
)

/** Active versions of all playbooks, newest change first. */
export const listPlaybooks = verb(
  'read',
  async ({ ctx, input }: Call<PageInput>): Promise<Page<Playbook>> => {
    const { before, limit } = keysetOf(input)
    const candidates = Prisma.sql`
      SELECT p.position AS key, octet_length(v.document::text) AS bytes, v.document FROM playbooks p
      JOIN playbook_versions v
        ON v.workspace_id = p.workspace_id AND v.playbook_id = p.playbook_id AND v.version = p.active_version
      WHERE p.workspace_id = ${ctx.actor.workspaceId} AND p.position < ${before}
      ORDER BY p.position DESC LIMIT ${limit + 1}`
    const rows = await ctx.db.prisma.$queryRaw<ListRow[]>`
      SELECT key, document::text AS document, found FROM ${withinPageBytes(candidates)} page ORDER BY key DESC`
    return pageOf(rows, limit)
  },
)
