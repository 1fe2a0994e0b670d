import { type AuditBody, type PersonalCommitment, personalCommitment } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { sha256 } from '../core/json-text.ts'

/** How many commitments have their value beside the chain, and how many lost it by an erasure. */
export type CommitmentCounts = { readonly checked: number; readonly erased: number }

type Row = { readonly seq: bigint; readonly body: string }
type Broken = { readonly seq: number; readonly reason: string }
type Stored = { seq: string; commitment: string; salt: string; value: string }

// The members of a body are in the order of RFC 8785, so that both are found without reading it.
const ERASE = '{"act":"person.erase",'
const PERSONAL = ',"pii":['

const VALUES = `SELECT seq, commitment, salt, value FROM audit_personal_values
  WHERE workspace_id = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq`
const LATER_ERASURES = `SELECT seq, body FROM audit_entries
  WHERE workspace_id = $1 AND seq > $2 AND starts_with(body, '${ERASE}')`

/**
 * Compares the personal values beside a chain with the commitments in it, while `audit verify` walks it (AUD-34): a value that was
 * changed, added, or removed by anything but an erasure is found.
 */
export class PersonalValueCheck {
  readonly #ctx: ServiceContext
  readonly #missing: { readonly seq: number; readonly of: string }[] = []
  /** The last entry that erases each subject. */
  readonly #erased = new Map<string, number>()
  #checked = 0

  constructor(ctx: ServiceContext) {
    this.#ctx = ctx
  }

  /** @param rows consecutive ones that verify */
  async rows(rows: readonly Row[]): Promise<Broken | undefined> {
    const [first, last] = [rows[0], rows.at(-1)]
    if (!first || !last) return undefined
    const { workspaceId } = this.#ctx.actor
    const stored = await this.#ctx.runtime.db.pool.query<Stored>({
      name: 'audit-personal-values',
      text: VALUES,
      values: [workspaceId, first.seq, last.seq],
    })
    const values = new Map(stored.rows.map((each) => [`${each.seq} ${each.commitment}`, each]))
    for (const row of rows) {
      const seq = Number(row.seq)
      this.#noteErasure(row)
      for (const commitment of commitmentsOf(row)) {
        const key = `${seq} ${commitment.sha256}`
        const value = values.get(key)
        values.delete(key)
        if (!value) this.#missing.push({ seq, of: commitment.of })
        else if (personalCommitment(workspaceId, { ...commitment, ...value }, sha256) !== commitment.sha256)
          return {
            seq,
            reason: `a ${commitment.kind} beside row ${seq} is not the one that the row commits to`,
          }
        else this.#checked++
      }
    }
    const [added] = values.values()
    if (!added) return undefined
    return { seq: Number(added.seq), reason: `row ${added.seq} commits to no such value as lies beside it` }
  }

  /** @param end the last row that was walked; erasures since are looked for where a value is missing */
  async finish(end: number): Promise<Broken | CommitmentCounts> {
    if (this.#removed()) {
      const { rows } = await this.#ctx.runtime.db.pool.query<{ seq: string; body: string }>(LATER_ERASURES, [
        this.#ctx.actor.workspaceId,
        end,
      ])
      for (const { seq, body } of rows) this.#noteErasure({ seq: BigInt(seq), body })
    }
    const removed = this.#removed()
    if (!removed) return { checked: this.#checked, erased: this.#missing.length }
    const { seq, of } = removed
    return { seq, reason: `a value of ${of} beside row ${seq} was removed, and no entry erases it` }
  }

  #removed() {
    return this.#missing.find(({ of, seq }) => (this.#erased.get(of) ?? 0) <= seq)
  }

  #noteErasure({ body, seq }: Row): void {
    if (!body.startsWith(ERASE)) return
    for (const { id } of (JSON.parse(body) as AuditBody).chg) this.#erased.set(id, Number(seq))
  }
}

const commitmentsOf = ({ body }: Row): readonly PersonalCommitment[] =>
  body.includes(PERSONAL) ? ((JSON.parse(body) as AuditBody).pii ?? []) : []
