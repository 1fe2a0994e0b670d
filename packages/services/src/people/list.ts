import {
  DEFAULT_PAGE_SIZE,
  InvitationId,
  type InvitationRecord,
  type PageInput,
  PersonId,
  type PersonRecord,
} from '@fieldsync/contracts'
import type { z } from 'zod'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Page } from '../core/json-text.ts'
import { verb } from '../core/verb.ts'
import { invalidCursor } from '../lists/keyset.ts'

type Call = { ctx: ServiceContext; input: PageInput }

/** Dates become instants when a row is written as JSON. */
type Row<T> = { [Key in keyof T]: T[Key] | Date }

// An id begins with its time, so that the newest is the greatest.
const PEOPLE = `SELECT p.id AS "personId", d.device_id AS "deviceId", p.name, p.email, d.role,
    p.two_factor_enabled AS "twoFactor", d.created_at AS "joinedAt", p.last_sign_in_at AS "lastSignInAt",
    d.revoked_at AS "endedAt"
  FROM devices d JOIN people p ON p.id = d.person_id
  WHERE d.workspace_id = $1 AND ($2::text IS NULL OR p.id < $2) ORDER BY p.id DESC LIMIT $3`

const INVITATIONS = `SELECT i.invitation_id AS "invitationId", i.email, i.name, i.role,
    CASE WHEN i.accepted_at IS NOT NULL THEN 'accepted' WHEN i.withdrawn_at IS NOT NULL THEN 'withdrawn'
      WHEN i.expires_at <= $4 THEN 'expired' ELSE 'open' END AS state,
    i.created_at AS "createdAt", i.expires_at AS "expiresAt", i.invited_by AS "invitedBy"
  FROM invitations i
  WHERE i.workspace_id = $1 AND i.email IS NOT NULL AND ($2::text IS NULL OR i.invitation_id < $2)
  ORDER BY i.invitation_id DESC LIMIT $3`

/** People of the workspace, the newest first, also those whose access has ended (OPS-58). */
export const listPeople = verb('admin', async ({ ctx, input }: Call): Promise<Page<PersonRecord>> => {
  const page = pageAfter(input, PersonId)
  const { rows } = await ctx.runtime.db.pool.query<Row<PersonRecord> & { personId: string }>(PEOPLE, [
    ctx.actor.workspaceId,
    page.after,
    page.limit + 1,
  ])
  return pageFrom(rows, page.limit, (row) => row.personId)
})

/** Invitations to the workspace, the newest first, without their codes (OPS-58). */
export const listInvitations = verb(
  'admin',
  async ({ ctx, input }: Call): Promise<Page<InvitationRecord>> => {
    const page = pageAfter(input, InvitationId)
    const { rows } = await ctx.runtime.db.pool.query<Row<InvitationRecord> & { invitationId: string }>(
      INVITATIONS,
      [ctx.actor.workspaceId, page.after, page.limit + 1, ctx.clock.now()],
    )
    return pageFrom(rows, page.limit, (row) => row.invitationId)
  },
)

function pageAfter(input: PageInput, id: z.ZodType<string>): { after: string | null; limit: number } {
  const { limit = DEFAULT_PAGE_SIZE, cursor } = input
  if (cursor === undefined) return { after: null, limit }
  const after = cursor.startsWith('p') ? id.safeParse(cursor.slice(1)).data : undefined
  if (after === undefined) throw invalidCursor()
  return { after, limit }
}

function pageFrom<T, R>(rows: readonly R[], limit: number, idOf: (row: R) => string): Page<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: new JsonText(JSON.stringify(shown)),
    nextCursor: last && rows.length > shown.length ? `p${idOf(last)}` : null,
  }
}
