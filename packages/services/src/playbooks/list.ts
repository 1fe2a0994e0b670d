import type { PageInput, Playbook, PlaybookVersionRecord, PlaybookVersionsInput } from '@fieldsync/contracts'
import { Prisma } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import type { Page } from '../core/json-text.ts'
import { verb } from '../core/verb.ts'
import { keysetOf, type ListRow, pageOf } from '../lists/keyset.ts'
import { withinPageBytes } from '../lists/page-bytes.ts'
import { getPlaybook } from './get.ts'

type Call<Input> = { ctx: ServiceContext; input: Input }

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
    const rows = await ctx.runtime.db.prisma.$queryRaw<ListRow[]>`
      SELECT key, document::text AS document, found FROM ${withinPageBytes(candidates)} page ORDER BY key DESC`
    return pageOf(rows, limit)
  },
)

type VersionRow = Omit<ListRow, 'document'> & {
  createdAt: Date
  active: boolean
  deviceId: string | null
  paths: string[]
  patch: string | null
}

/** Versions of one playbook with the patches that made them, newest first (OPS-27). @throws ServiceError NOT_FOUND */
export const listPlaybookVersions = verb(
  'read',
  async ({ ctx, input }: Call<PlaybookVersionsInput>): Promise<Page<PlaybookVersionRecord>> => {
    const { playbookId } = input
    await getPlaybook({ ctx, input: { playbookId } })
    const { before, limit } = keysetOf(input)
    const candidates = Prisma.sql`
      SELECT v.version::bigint AS key, v.created_at, v.version = p.active_version AS active, v.paths, made.device_id,
             made.document AS patch, coalesce(octet_length(made.document::text), 0) AS bytes
      FROM playbooks p
      JOIN playbook_versions v ON v.workspace_id = p.workspace_id AND v.playbook_id = p.playbook_id
      LEFT JOIN LATERAL (
        SELECT a.device_id, a.document FROM playbook_patches a
        WHERE a.patch_id = v.patch_id AND a.workspace_id = v.workspace_id AND a.outcome = 'applied' LIMIT 1
      ) made ON true
      WHERE p.workspace_id = ${ctx.actor.workspaceId} AND p.playbook_id = ${playbookId} AND v.version < ${before}::bigint
      ORDER BY v.version DESC LIMIT ${limit + 1}`
    const rows = await ctx.runtime.db.prisma.$queryRaw<VersionRow[]>`
      SELECT key, found, created_at AS "createdAt", active, paths, device_id AS "deviceId", patch::text AS patch
      FROM ${withinPageBytes(candidates)} page ORDER BY key DESC`
    return pageOf(
      rows.map(({ key, found, patch, createdAt, ...row }) => {
        const version = { playbookId, version: Number(key), createdAt: createdAt.toISOString(), ...row }
        return { key, found, document: `${JSON.stringify(version).slice(0, -1)},"patch":${patch ?? 'null'}}` }
      }),
      limit,
    )
  },
)
