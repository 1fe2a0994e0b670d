import type {
  ListedPlaybook,
  PageInput,
  PlaybookVersionRecord,
  PlaybookVersionsInput,
} from '@fieldsync/contracts'
import { Prisma } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import type { Page } from '../core/json-text.ts'
import { verb } from '../core/verb.ts'
import { keysetOf, type ListRow, pageOf } from '../lists/keyset.ts'
import { withinPageBytes } from '../lists/page-bytes.ts'
import { asListed, getPlaybook } from './get.ts'
import { proposalIdOf } from './stored-proposal.ts'

type Call<Input> = { ctx: ServiceContext; input: Input }

/** Active versions of all playbooks, newest change first. */
export const listPlaybooks = verb(
  'read',
  async ({ ctx, input }: Call<PageInput>): Promise<Page<ListedPlaybook>> => {
    const { before, limit } = keysetOf(input)
    const candidates = Prisma.sql`
      SELECT p.position AS key, octet_length(v.document::text) AS bytes, v.document,
             CASE WHEN v.kind = 'retirement' THEN v.created_at END AS retired_at
      FROM playbooks p
      JOIN playbook_versions v
        ON v.workspace_id = p.workspace_id AND v.playbook_id = p.playbook_id AND v.version = p.active_version
      WHERE p.workspace_id = ${ctx.actor.workspaceId} AND p.position < ${before}
      ORDER BY p.position DESC LIMIT ${limit + 1}`
    const rows = await ctx.runtime.db.prisma.$queryRaw<(ListRow & { retiredAt: Date | null })[]>`
      SELECT key, document::text AS document, found, retired_at AS "retiredAt"
      FROM ${withinPageBytes(candidates)} page ORDER BY key DESC`
    return pageOf(
      rows.map(({ retiredAt, ...row }) => ({
        ...row,
        document: row.document && asListed(row.document, retiredAt),
      })),
      limit,
    )
  },
)

type VersionRow = Omit<ListRow, 'document'> & {
  createdAt: Date
  active: boolean
  deviceId: string | null
  kind: string
  reason: string | null
  proposal: number | null
  approvedBy: string | null
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
      SELECT v.version::bigint AS key, v.created_at, v.version = p.active_version AS active, v.paths, coalesce(made.device_id, v.made_by) AS device_id,
             coalesce(v.kind, CASE WHEN v.patch_id IS NULL THEN 'creation' ELSE 'patch' END) AS kind,
             coalesce(v.reason, made.document ->> 'reason') AS reason, v.proposal, approved.decided_by AS approved_by,
             made.document AS patch, coalesce(octet_length(made.document::text), 0) AS bytes
      FROM playbooks p
      JOIN playbook_versions v ON v.workspace_id = p.workspace_id AND v.playbook_id = p.playbook_id
      LEFT JOIN LATERAL (
        SELECT a.device_id, a.document FROM playbook_patches a
        WHERE a.patch_id = v.patch_id AND a.workspace_id = v.workspace_id AND a.outcome = 'applied' LIMIT 1
      ) made ON true
      LEFT JOIN playbook_proposals approved ON approved.workspace_id = v.workspace_id AND approved.number = v.proposal
      WHERE p.workspace_id = ${ctx.actor.workspaceId} AND p.playbook_id = ${playbookId} AND v.version < ${before}::bigint
      ORDER BY v.version DESC LIMIT ${limit + 1}`
    const rows = await ctx.runtime.db.prisma.$queryRaw<VersionRow[]>`
      SELECT key, found, created_at AS "createdAt", active, paths, device_id AS "deviceId", kind, reason, proposal,
             approved_by AS "approvedBy", patch::text AS patch
      FROM ${withinPageBytes(candidates)} page ORDER BY key DESC`
    return pageOf(
      rows.map(({ key, found, patch, createdAt, proposal, ...row }) => {
        const version = {
          playbookId,
          version: Number(key),
          createdAt: createdAt.toISOString(),
          ...row,
          proposalId: proposal && proposalIdOf(proposal),
        }
        return { key, found, document: `${JSON.stringify(version).slice(0, -1)},"patch":${patch ?? 'null'}}` }
      }),
      limit,
    )
  },
)
