import type { PatchId, PatchRecord } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import { JsonText } from '../core/json-text.ts'
import { notFound } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'

type Row = {
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
  async ({
    ctx,
    input,
  }: {
    ctx: ServiceContext
    input: { patchId: PatchId }
  }): Promise<JsonText<PatchRecord>> => {
    const [row] = await ctx.db.prisma.$queryRaw<Row[]>`
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
