import { type AuditEntry, type AuditInput, DEFAULT_PAGE_SIZE } from '@fieldsync/contracts'
import { Prisma } from '@fieldsync/db'
import type { AuditBody, AuditChange } from '@fieldsync/domain'

import type { ServiceContext } from '../verb/context.ts'
import { JsonText, type Page } from '../verb/json-text.ts'
import { ServiceError } from '../verb/service-error.ts'
import { verb } from '../verb/verb.ts'

// A row holds up to a thousand changes: read few at a time, so that memory is bounded by what is shown.
const ROWS_AT_ONCE = 10

type Place = { seq: number; index: number }
type Row = { seq: bigint; body: string; hash: string }

/**
 * Audit entries, one per change: newest first, or with `after` oldest first from there, for following (AUD rules).
 * A transaction without changes is one entry.
 */
export const listAudit = verb(
  'audit.read',
  async ({ ctx, input }: { ctx: ServiceContext; input: AuditInput }): Promise<Page<AuditEntry>> => {
    const limit = input.limit ?? DEFAULT_PAGE_SIZE
    const forward = input.after !== undefined
    const start = placeOf(input.cursor?.replace(/^a/, '') ?? input.after)
    const entries: AuditEntry[] = []
    let from = start
    while (entries.length <= limit) {
      const rows = await readRows(ctx, from?.seq, forward)
      for (const row of rows) {
        const all = entriesOf(row)
        const ordered = forward ? all : all.toReversed()
        entries.push(...ordered.filter((entry) => isBeyond(entry, start, forward)))
        from = { seq: Number(row.seq) + (forward ? 1 : -1), index: 0 }
      }
      if (rows.length < ROWS_AT_ONCE) break
    }
    const shown = entries.slice(0, limit)
    const last = shown.at(-1)
    return {
      items: new JsonText(JSON.stringify(shown)),
      nextCursor: entries.length > limit && last ? `a${last.entryId}` : null,
    }
  },
)

async function readRows(ctx: ServiceContext, seq: number | undefined, forward: boolean): Promise<Row[]> {
  const { workspaceId } = ctx.actor
  const bound = forward
    ? Prisma.sql`AND seq >= ${seq ?? 1} ORDER BY seq`
    : Prisma.sql`AND seq <= ${seq ?? Number.MAX_SAFE_INTEGER} ORDER BY seq DESC`
  return await ctx.db.prisma.$queryRaw<Row[]>`
    SELECT seq, body, hash FROM audit_entries WHERE workspace_id = ${workspaceId} ${bound} LIMIT ${ROWS_AT_ONCE}`
}

function placeOf(entryId: string | undefined): Place | undefined {
  if (entryId === undefined) return undefined
  const match = /^(\d{1,15})(?:\.(\d{1,6}))?$/.exec(entryId)
  if (!match) {
    throw new ServiceError('VALIDATION_ERROR', 'The request does not keep the contract.', {
      details: { issues: [{ path: '/cursor', message: 'must be a cursor from a Link header of this list' }] },
    })
  }
  // Without an index, the whole transaction lies behind.
  return { seq: Number(match[1]), index: match[2] === undefined ? Number.MAX_SAFE_INTEGER : Number(match[2]) }
}

function isBeyond(entry: AuditEntry, start: Place | undefined, forward: boolean): boolean {
  if (!start || entry.seq !== start.seq) return true
  const index = Number(entry.entryId.slice(entry.entryId.indexOf('.') + 1))
  return forward ? index > start.index : index < start.index
}

function entriesOf(row: Row): AuditEntry[] {
  // Bodies are written by this server; the chain shows if anybody else did.
  const body = JSON.parse(row.body) as AuditBody
  const changes: (AuditChange | null)[] = body.chg.length === 0 ? [null] : [...body.chg]
  return changes.map((change, index) => ({
    entryId: `${body.seq}.${index}`,
    seq: body.seq,
    at: body.at,
    action: body.act,
    actor: {
      kind: body.actor.usr ? 'user' : body.actor.client ? 'service' : body.actor.dev ? 'device' : 'system',
      deviceId: body.actor.dev,
      role: body.actor.role,
    },
    target: change ? { type: change.type, id: change.id } : body.tgt,
    change: change && {
      kind: change.kind,
      beforeSha256: change.before,
      afterSha256: change.after,
      paths: [...(change.paths ?? [])],
    },
    outcome: change?.code === undefined ? body.out : { ok: false, code: change.code },
    request: { requestId: body.req.id, idempotencyKey: body.req.idem, bodySha256: body.req.bodySha256 },
    hash: row.hash,
  }))
}
