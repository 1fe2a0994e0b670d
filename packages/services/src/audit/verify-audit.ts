import type { WorkspaceId } from '@fieldsync/contracts'
import { type ChainHead, type ChainVerdict, GENESIS, verifyChain } from '@fieldsync/domain'
import { type AdminContext, requireWorkspace } from '../administration/admin-context.ts'
import { sha256 } from '../verb/sha256.ts'
import { tellingUnavailable } from '../verb/verb.ts'

const ROWS_AT_ONCE = 500

export type AuditVerdict = ChainVerdict & { rows: number }

/**
 * Walks a workspace's audit chain from its beginning and compares its end with the workspace's head row (AUD rules).
 *
 * @param args.input.onProgress told the number of rows checked so far
 * @throws ServiceError NOT_FOUND
 */
export async function verifyAudit(args: {
  ctx: AdminContext
  input: { workspaceId: WorkspaceId; onProgress?: ((rows: number) => void) | undefined }
}): Promise<AuditVerdict> {
  const { ctx, input } = args
  const { workspaceId, onProgress } = input
  return await tellingUnavailable(async () => {
    await requireWorkspace(ctx.db, workspaceId)
    // The head first: rows may be appended while the chain is walked, but never removed.
    const head = await ctx.db.prisma.workspaceHead.findUniqueOrThrow({ where: { workspaceId } })
    const end = Number(head.auditSeq)
    let at: ChainHead = { seq: 0, hash: GENESIS }
    while (at.seq < end) {
      const rows = await ctx.db.prisma.auditEntry.findMany({
        where: { workspaceId, seq: { gt: at.seq, lte: end } },
        orderBy: { seq: 'asc' },
        take: ROWS_AT_ONCE,
        select: { seq: true, body: true, hash: true },
      })
      const missing = { ok: false, seq: at.seq + 1, reason: `row ${at.seq + 1} and all after it are missing`, rows: at.seq } as const
      if (rows.length === 0) return missing
      const verdict = verifyChain(
        rows.map((row) => ({ ...row, seq: Number(row.seq) })),
        at,
        sha256,
        workspaceId,
      )
      if (!verdict.ok) return { ...verdict, rows: verdict.seq - 1 }
      at = verdict
      onProgress?.(at.seq)
    }
    if (at.hash !== head.auditHash) {
      return { ok: false, seq: end, reason: `row ${end} is not the one that the workspace's head names`, rows: end }
    }
    return { ok: true, ...at, rows: end }
  })
}
