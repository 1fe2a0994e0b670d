import type { ListedPlaybook, PatchId, PatchRecord, PlaybookId } from '@fieldsync/contracts'
import { Prisma } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import { JsonText } from '../core/json-text.ts'
import { notFound } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'

type Call<Input> = { ctx: ServiceContext; input: Input }

/** One playbook: its active version, or the version asked for. @throws ServiceError NOT_FOUND */
export const getPlaybook = verb(
  'read',
  async ({
    ctx,
    input,
  }: Call<{ playbookId: PlaybookId; version?: number | undefined }>): Promise<JsonText<ListedPlaybook>> => {
    const { playbookId, version } = input
    const wanted = version === undefined ? Prisma.sql`p.active_version` : Prisma.sql`${version}::bigint`
    const [row] = await ctx.runtime.db.prisma.$queryRaw<{ document: string; retiredAt: Date | null }[]>`
      SELECT v.document::text AS document,
             CASE WHEN v.version = p.active_version AND v.kind = 'retirement' THEN v.created_at END AS "retiredAt"
      FROM playbooks p JOIN playbook_versions v
        ON v.workspace_id = p.workspace_id AND v.playbook_id = p.playbook_id AND v.version = ${wanted}
      WHERE p.workspace_id = ${ctx.actor.workspaceId} AND p.playbook_id = ${playbookId}`
    if (!row)
      throw notFound('playbook', version === undefined ? playbookId : `${playbookId} version ${version}`)
    return new JsonText(asListed(row.document, row.retiredAt))
  },
)

/** A stored playbook, with the time since when it is retired, if it is (PUB-5). */
export const asListed = (document: string, retiredAt: Date | null): string =>
  retiredAt === null ? document : `${document.slice(0, -1)},"retiredAt":"${retiredAt.toISOString()}"}`

type PatchRow = {
  document: string
  outcome: string
  oldVersion: number | null
  newVersion: number | null
  code: string | null
  receivedAt: Date
  deviceId: string
}

/** One patch: its accepted attempt if there is one, else the last refused one. @throws ServiceError NOT_FOUND */
export const getPatch = verb(
  'read',
  async ({ ctx, input }: Call<{ patchId: PatchId }>): Promise<JsonText<PatchRecord>> => {
    const [row] = await ctx.runtime.db.prisma.$queryRaw<PatchRow[]>`
      SELECT document::text AS document, outcome, old_version AS "oldVersion", new_version AS "newVersion", code,
             received_at AS "receivedAt", device_id AS "deviceId"
      FROM playbook_patches
      WHERE workspace_id = ${ctx.actor.workspaceId} AND patch_id = ${input.patchId}
      ORDER BY (outcome = 'applied') DESC, attempt_id DESC LIMIT 1`
    if (!row) throw notFound('patch', input.patchId)
    const { document, outcome, receivedAt, ...rest } = row
    const patch = { status: outcome, ...rest, receivedAt: receivedAt.toISOString() }
    return new JsonText(`${JSON.stringify(patch).slice(0, -1)},"patch":${document}}`)
  },
)
