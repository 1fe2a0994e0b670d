import { type ChainHead, type ChainVerdict, verifyChain } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { sha256 } from '../core/json-text.ts'
import { notFound } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { beginningOf, isSaidByChain } from './beginning.ts'
import { contradictionsOf, contradictionText, unacknowledged } from './contradictions.ts'
import { type CommitmentCounts, PersonalValueCheck } from './personal-values.ts'

const ROWS_AT_ONCE = 500

export type AuditVerdict = ChainVerdict & {
  rows: number
  /** Of the personal values that the chain commits to (AUD-34); absent where it does not verify. */
  commitments?: CommitmentCounts
  /** Witnesses that it agrees with, and those of branches that a restore has lost, as an admin acknowledged. */
  witnesses?: { readonly agree: number; readonly lost: number }
}

type Input = {
  /** Called with the number of rows checked so far. */
  onProgress?: ((rows: number) => void) | undefined
  /** Checkpoints of this chain that were kept elsewhere. */
  witnesses?: readonly ChainHead[]
}

/**
 * Walks a workspace's audit chain from its beginning, which is a checkpoint where rows were pruned (AUD-21), and compares its end with the workspace's head row and with the given
 * witnesses (AUD-10, AUD-13).
 */
export const verifyAudit = verb(
  'audit.read',
  async ({ ctx, input }: { ctx: ServiceContext; input: Input }): Promise<AuditVerdict> => {
    const { workspaceId } = ctx.actor
    // The head and the ends in one snapshot: rows may be appended while the chain is walked, but never removed.
    const { end, hash, first, last } = await readEnds(ctx)
    if (first < 1)
      return { ok: false, seq: first, reason: `row ${first} was added before the first`, rows: 0 }
    const beginning = await beginningOf(ctx, workspaceId)
    let at: ChainHead = beginning
    const values = new PersonalValueCheck(ctx)
    while (at.seq < end) {
      const rows = await ctx.runtime.db.prisma.auditEntry.findMany({
        where: { workspaceId, seq: { gt: at.seq, lte: end } },
        orderBy: { seq: 'asc' },
        take: ROWS_AT_ONCE,
        select: { seq: true, body: true, hash: true, at: true },
      })
      const missing = {
        ok: false,
        seq: at.seq + 1,
        reason: `row ${at.seq + 1} and all after it are missing`,
        rows: at.seq,
      } as const
      if (rows.length === 0) return missing
      const verdict = verifyChain(
        rows.map((row) => ({ ...row, seq: Number(row.seq) })),
        at,
        sha256,
        workspaceId,
      )
      // The column beside the body is not hashed: it must say what the body says.
      const redated = rows.find((row) => !row.body.includes(`"at":"${row.at.toISOString()}"`))
      const seq = Number(redated?.seq ?? Infinity)
      if (redated && (verdict.ok || seq < verdict.seq)) {
        return { ok: false, seq, reason: `the time of row ${seq} is not the one in its body`, rows: seq - 1 }
      }
      if (!verdict.ok) return { ...verdict, rows: verdict.seq - 1 }
      const changed = await values.rows(rows)
      if (changed) return { ok: false, ...changed, rows: changed.seq - 1 }
      at = verdict
      input.onProgress?.(at.seq)
    }
    if (at.hash !== hash) {
      return {
        ok: false,
        seq: end,
        reason: `row ${end} is not the one that the workspace's head names`,
        rows: end,
      }
    }
    if (beginning.seq > 0 && !(await isSaidByChain(ctx, workspaceId, beginning))) {
      const reason = `the chain is said to begin after row ${beginning.seq}, and no entry of it says so`
      return { ok: false, seq: beginning.seq, reason, rows: end }
    }
    if (last > end) {
      return {
        ok: false,
        seq: end + 1,
        reason: `row ${end + 1} lies behind the one that the workspace's head names`,
        rows: end,
      }
    }
    const commitments = await values.finish(end)
    if ('reason' in commitments) return { ok: false, ...commitments, rows: end }
    if (!input.witnesses?.length) return { ok: true, ...at, rows: end, commitments }
    const contradictions = await contradictionsOf(ctx, workspaceId, input.witnesses)
    const [open] = await unacknowledged(ctx, workspaceId, contradictions)
    if (open) return { ok: false, seq: open.checkpoint.seq, reason: contradictionText(open), rows: end }
    const lost = contradictions.length
    return {
      ok: true,
      ...at,
      rows: end,
      commitments,
      witnesses: { agree: input.witnesses.length - lost, lost },
    }
  },
)

type Ends = { end: number; hash: string; first: number; last: number }

async function readEnds({ actor, runtime }: ServiceContext): Promise<Ends> {
  const { workspaceId } = actor
  const [ends] = await runtime.db.prisma.$queryRaw<
    { end: bigint; hash: string; first: bigint | null; last: bigint | null }[]
  >`
    SELECT h.audit_seq AS "end", h.audit_hash AS hash,
           (SELECT min(seq) FROM audit_entries WHERE workspace_id = h.workspace_id) AS first,
           (SELECT max(seq) FROM audit_entries WHERE workspace_id = h.workspace_id) AS last
    FROM workspace_heads h WHERE h.workspace_id = ${workspaceId}`
  if (!ends) throw notFound('head row of the workspace', workspaceId)
  return {
    end: Number(ends.end),
    hash: ends.hash,
    first: Number(ends.first ?? 1),
    last: Number(ends.last ?? 0),
  }
}
