import { randomBytes } from 'node:crypto'

import type { Queryable } from '@fieldsync/db'
import {
  type PersonalCommitment,
  personalCommitment,
  type PersonalKind,
  type SaltedValue,
} from '@fieldsync/domain'

import { sha256 } from '../core/json-text.ts'

const SALT_BYTES = 32

/** A name or an address that an entry of the audit is about; null where there is none. */
export type PersonalValue = {
  readonly kind: PersonalKind
  /** Id of the person or of the invitation that it is of. */
  readonly of: string
  readonly value: string | null
}

const STORE = `INSERT INTO audit_personal_values (workspace_id, seq, commitment, subject_id, salt, value)
  SELECT $1, h.audit_seq, v.* FROM workspace_heads h, unnest($2::text[], $3::text[], $4::text[], $5::text[]) v
  WHERE h.workspace_id = $1`

/**
 * The personal values of one entry: their commitments for its body, and what stores value and salt beside the chain (AUD-34),
 * in the transaction of the entry and right after it.
 */
export class PersonalValues {
  readonly commitments: readonly PersonalCommitment[]
  readonly #workspaceId: string
  readonly #salted: readonly SaltedValue[]

  constructor(workspaceId: string, values: readonly PersonalValue[]) {
    this.#workspaceId = workspaceId
    this.#salted = values.flatMap(({ value, ...each }) =>
      value === null ? [] : [{ ...each, value, salt: randomBytes(SALT_BYTES).toString('hex') }],
    )
    this.commitments = this.#salted.map((each) => ({
      kind: each.kind,
      of: each.of,
      sha256: personalCommitment(workspaceId, each, sha256),
    }))
  }

  /** @param connection of the entry's transaction, which has the workspace's head locked and its entry appended */
  async store(connection: Queryable): Promise<void> {
    if (this.#salted.length === 0) return
    await connection.query(STORE, [
      this.#workspaceId,
      this.commitments.map(({ sha256: commitment }) => commitment),
      this.#salted.map(({ of }) => of),
      this.#salted.map(({ salt }) => salt),
      this.#salted.map(({ value }) => value),
    ])
  }
}
