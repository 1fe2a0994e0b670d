import { DEFAULT_PAGE_SIZE, type GrantRecord, type GrantsInput } from '@fieldsync/contracts'
import { can } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Page } from '../core/json-text.ts'
import { verb } from '../core/verb.ts'
import { invalidCursor } from '../lists/keyset.ts'
import { GRANT_COLUMNS, grantRecord, type GrantRow } from './stored-grant.ts'

const GRANTS = `SELECT ${GRANT_COLUMNS} FROM playbook_grants g
  WHERE g.workspace_id = $1 AND ($2::text IS NULL OR g.device_id = $2) AND ($3::text IS NULL OR g.device_id = $3)
    AND ($4::text IS NULL OR g.playbook_id IS NULL OR g.playbook_id = $4)
    AND ($5::bool IS NULL OR (g.revoked_at IS NOT NULL) = $5)
    AND ($6::timestamptz IS NULL OR (g.granted_at, g.grant_id) < ($6, $7))
  ORDER BY g.granted_at DESC, g.grant_id DESC LIMIT $8`

/** Grants, the newest first: everybody's for an admin, for others their own (GRA-14). */
export const listGrants = verb(
  'read',
  async ({ ctx, input }: { ctx: ServiceContext; input: GrantsInput }): Promise<Page<GrantRecord>> => {
    const { actor } = ctx
    const limit = input.limit ?? DEFAULT_PAGE_SIZE
    const before = beforeOf(input.cursor)
    const { rows } = await ctx.runtime.db.pool.query<GrantRow>(GRANTS, [
      actor.workspaceId,
      can(actor, 'admin') ? null : actor.deviceId,
      input.deviceId ?? null,
      input.playbookId ?? null,
      input.state === undefined ? null : input.state === 'ended',
      before?.grantedAt ?? null,
      before?.grantId ?? null,
      limit + 1,
    ])
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    return {
      items: new JsonText(JSON.stringify(shown.map(grantRecord))),
      nextCursor: last && rows.length > shown.length ? `g${last.grantedAt.getTime()}.${last.grantId}` : null,
    }
  },
)

function beforeOf(cursor: string | undefined): { grantedAt: Date; grantId: string } | undefined {
  if (cursor === undefined) return undefined
  const [, time, grantId] = /^g(\d{1,15})\.(grt_[0-9a-f]{32})$/.exec(cursor) ?? []
  if (time === undefined || grantId === undefined) throw invalidCursor()
  return { grantedAt: new Date(Number(time)), grantId }
}
