import type { Sha256 } from '../canonical.ts'

/** Separates these hashes from every other use of SHA-256, and this format from a later one. */
export const AUDIT_DOMAIN_TAG = 'fieldsync.audit.v1'

/** Hash before the first row of a chain. */
export const GENESIS = '0'.repeat(64)

/** A position in a chain: the last row's number and hash; `{ seq: 0, hash: GENESIS }` before the first. */
export type ChainHead = { seq: number; hash: string }

/** The end of a chain that verifies, or the first row that does not and why. */
export type ChainVerdict = ({ ok: true } & ChainHead) | { ok: false; seq: number; reason: string }

/** Hash of a row: over the tag, the hash of the row before and the canonical text of the body (AUD-3). */
export function auditHash(previousHex: string, bodyText: string, sha256: Sha256): string {
  return sha256(`${AUDIT_DOMAIN_TAG}\n${previousHex}\n${bodyText}`)
}

/**
 * Checks consecutive rows after a known position of the chain and names the first that was altered, removed, added or
 * moved (AUD-10). A truncated end is detected only when the result is compared with the separately stored head. Long
 * chains are checked piece by piece: the result is the next `from`.
 *
 * @param workspaceId when given, every body must be of that workspace
 */
export function verifyChain(
  rows: Iterable<{ seq: number; body: string; hash: string }>,
  from: ChainHead,
  sha256: Sha256,
  workspaceId?: string,
): ChainVerdict {
  let head = from
  for (const { seq, body, hash } of rows) {
    const due = head.seq + 1
    if (seq !== due)
      return { ok: false, seq: due, reason: `row ${due} is missing: found row ${seq} in its place` }
    const said = readBody(body)
    if (!said) return { ok: false, seq, reason: `the body of row ${seq} is not a JSON object` }
    if (said.seq !== seq) return { ok: false, seq, reason: `the body of row ${seq} belongs to another row` }
    if (workspaceId !== undefined && said.ws !== workspaceId) {
      return { ok: false, seq, reason: `the body of row ${seq} belongs to another workspace` }
    }
    if (auditHash(head.hash, body, sha256) !== hash) {
      return { ok: false, seq, reason: `the hash of row ${seq} does not match its body and the previous row` }
    }
    head = { seq, hash }
  }
  return { ok: true, ...head }
}

function readBody(text: string): { seq?: unknown; ws?: unknown } | null | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' ? body : undefined
  } catch {
    return undefined
  }
}
