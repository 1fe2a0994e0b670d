import {
  clientIdOf,
  DEFAULT_PAGE_SIZE,
  type DeviceId,
  type PageInput,
  ServiceId,
  type ServiceRecord,
} from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Page } from '../core/json-text.ts'
import { verb } from '../core/verb.ts'
import { invalidCursor } from '../lists/keyset.ts'
import { serviceScopes } from './stored-service.ts'

type Row = {
  serviceId: ServiceId
  scope: string
  createdAt: Date
  revokedAt: Date | null
  deviceIds: DeviceId[]
  authentication: {
    kind: 'key' | 'secret'
    keyFingerprint: string | null
    createdAt: string
    endsOthers: boolean
  }[]
}

const SERVICES = `SELECT d.device_id AS "serviceId", d.service_scope AS scope, d.created_at AS "createdAt", d.revoked_at AS "revokedAt",
    ARRAY(
      SELECT g.device_id FROM service_grants g
      WHERE g.workspace_id = d.workspace_id AND g.service_id = d.device_id ORDER BY g.device_id
    ) AS "deviceIds",
    (SELECT coalesce(json_agg(json_build_object('kind', c.kind, 'keyFingerprint', c.thumbprint, 'createdAt', c.created_at,
        'endsOthers', c.replaces_others) ORDER BY c.created_at DESC, c.replaces_others DESC), '[]')
      FROM (
        SELECT 'key' AS kind, k.thumbprint, k.created_at, k.replaces_others FROM device_keys k
          WHERE k.workspace_id = d.workspace_id AND k.device_id = d.device_id AND k.ended_at IS NULL
        UNION ALL
        SELECT 'secret', NULL, t.created_at, t.replaces_others FROM device_tokens t
          WHERE t.workspace_id = d.workspace_id AND t.device_id = d.device_id AND t.revoked_at IS NULL
      ) c
      WHERE d.revoked_at IS NULL) AS authentication
  FROM devices d
  WHERE d.workspace_id = $1 AND d.service_scope IS NOT NULL AND d.device_id > $2
  ORDER BY d.device_id LIMIT $3`

/** Services of the workspace by id, revoked ones too, without their secrets (OPS-51). */
export const listServices = verb(
  'admin',
  async ({ ctx, input }: { ctx: ServiceContext; input: PageInput }): Promise<Page<ServiceRecord>> => {
    const { workspaceId } = ctx.actor
    const limit = input.limit ?? DEFAULT_PAGE_SIZE
    const { rows } = await ctx.runtime.db.pool.query<Row>(SERVICES, [
      workspaceId,
      afterOf(input.cursor),
      limit + 1,
    ])
    const shown = rows.slice(0, limit)
    const items = shown.map(({ scope, createdAt, revokedAt, authentication, ...row }): ServiceRecord => ({
      ...row,
      clientId: clientIdOf(workspaceId, row.serviceId),
      scopes: serviceScopes(scope),
      createdAt: createdAt.toISOString(),
      revokedAt: revokedAt?.toISOString() ?? null,
      authentication: authentication.map((each) => ({
        ...each,
        createdAt: new Date(each.createdAt).toISOString(),
      })),
    }))
    return {
      items: new JsonText(JSON.stringify(items)),
      nextCursor: rows.length > shown.length ? `s${shown.at(-1)?.serviceId ?? ''}` : null,
    }
  },
)

function afterOf(cursor: string | undefined): string {
  if (cursor === undefined) return ''
  const after = cursor.startsWith('s') ? ServiceId.safeParse(cursor.slice(1)).data : undefined
  if (after === undefined) throw invalidCursor()
  return after
}
