import type { WorkspaceId } from '@fieldsync/contracts'
import {
  type ChainHead,
  type Checkpoint,
  checkpointOrigin,
  checkpointText,
  GENESIS,
  readCheckpoint,
  verifyChain,
} from '@fieldsync/domain'

import type { AdminContext } from '../core/context.ts'
import { sha256 } from '../core/json-text.ts'
import { mapUnavailable } from '../core/verb.ts'
import { type NoteSigner, verifyNote } from './signed-note.ts'

/** Where checkpoints are kept: outside the database, since whoever can rewrite a chain could rewrite them with it. */
export type CheckpointStore = {
  /** Names of a chain's checkpoints, the newest first. */
  readonly list: (origin: string) => Promise<readonly string[]>
  readonly read: (origin: string, name: string) => Promise<string>
  /** Stores a checkpoint once; one that is there stays as it is. */
  readonly add: (origin: string, name: string, note: string) => Promise<void>
}

/** The name of a checkpoint in its store: sorts as the number does. */
export const checkpointName = ({ seq, hash }: ChainHead): string =>
  `${String(seq).padStart(15, '0')}-${hash.slice(0, 16)}`

/** How a chain differs from a checkpoint of it. */
export type Contradiction = {
  readonly checkpoint: ChainHead
  /** `cut`: the chain ends before it · `rewritten`: the row of this number has another hash. */
  readonly kind: 'cut' | 'rewritten'
}

/** What a round found in one workspace. */
export type CheckpointProblem = {
  readonly workspaceId: string
  readonly reason: string
}

type HeadRow = { workspaceId: string; workspaceUid: string; seq: string; hash: string }

const HEADS = `SELECT h.workspace_id AS "workspaceId", w.workspace_uid AS "workspaceUid", h.audit_seq AS seq, h.audit_hash AS hash
  FROM workspace_heads h JOIN workspaces w ON w.workspace_id = h.workspace_id
  WHERE h.workspace_id > $1 ORDER BY h.workspace_id LIMIT $2`
const ROWS = `SELECT seq, body, hash FROM audit_entries
  WHERE workspace_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4`
const HEADS_AT_ONCE = 500
const ROWS_AT_ONCE = 500
/** As many of a chain's checkpoints are compared when a server starts; `audit verify` compares all. */
const NEWEST = 100

/**
 * Writes a signed checkpoint of every chain that has grown since its last one (AUD-12). Before it signs, it verifies that the
 * chain goes on from its newest checkpoint: one that was rewritten, cut or restored is reported and gets no new one, until
 * an admin has acknowledged the lost branch (AUD-14).
 */
export class Checkpoints {
  readonly #ctx: AdminContext
  readonly #signer: NoteSigner
  readonly #store: CheckpointStore
  /** The last checkpoint of each chain, by its origin. */
  readonly #newest = new Map<string, ChainHead>()

  constructor(ctx: AdminContext, signer: NoteSigner, store: CheckpointStore) {
    this.#ctx = ctx
    this.#signer = signer
    this.#store = store
  }

  /**
   * One round over all workspaces.
   * @param signal ends it after the workspace that it is at
   * @throws ServiceError UNAVAILABLE; what the store fails with
   */
  async write(signal?: AbortSignal): Promise<{ written: number; problems: readonly CheckpointProblem[] }> {
    const problems: CheckpointProblem[] = []
    let written = 0
    for await (const row of this.#heads()) {
      if (signal?.aborted) break
      const head = { seq: Number(row.seq), hash: row.hash }
      const origin = checkpointOrigin(row.workspaceId, row.workspaceUid)
      const last = this.#newest.get(origin) ?? (await this.#lastStored(row.workspaceId, origin))
      if (last instanceof Error) problems.push({ workspaceId: row.workspaceId, reason: last.message })
      else if (last.seq === head.seq && last.hash === head.hash) this.#newest.set(origin, head)
      else {
        const reason = await this.#broken(row.workspaceId, last, head)
        if (reason === undefined) {
          const note = this.#signer.sign(checkpointText({ origin, ...head }))
          await this.#store.add(origin, checkpointName(head), note)
          this.#newest.set(origin, head)
          written++
        } else {
          // The store is looked at again next time: an admin may have acknowledged the loss.
          this.#newest.delete(origin)
          problems.push({ workspaceId: row.workspaceId, reason })
        }
      }
    }
    return { written, problems }
  }

  async *#heads(): AsyncGenerator<HeadRow> {
    const { pool } = this.#ctx.runtime.db
    for (let after = ''; ;) {
      const { rows } = await mapUnavailable(() => pool.query<HeadRow>(HEADS, [after, HEADS_AT_ONCE]))
      yield* rows
      if (rows.length < HEADS_AT_ONCE) return
      after = rows.at(-1)?.workspaceId ?? after
    }
  }

  /** The newest checkpoint in the store that the chain does not contradict; an error where an unacknowledged one does. */
  async #lastStored(workspaceId: string, origin: string): Promise<ChainHead | Error> {
    const keys = [this.#signer.verifierKey]
    const stored = await storedCheckpoints(this.#store, origin, keys, NEWEST)
    const contradictions = await contradictionsOf(this.#ctx, workspaceId, stored)
    const [first] = await unacknowledged(this.#ctx, workspaceId, contradictions)
    if (first) return new Error(contradictionText(first))
    const isContradicted = ({ seq, hash }: ChainHead): boolean =>
      contradictions.some(({ checkpoint }) => checkpoint.seq === seq && checkpoint.hash === hash)
    return stored.find((each) => !isContradicted(each)) ?? { seq: 0, hash: GENESIS }
  }

  /** Why the chain does not lead from one position to another; undefined where it does. */
  async #broken(workspaceId: string, from: ChainHead, to: ChainHead): Promise<string | undefined> {
    const [contradiction] = await contradictionsOf(this.#ctx, workspaceId, [from])
    if (contradiction) return contradictionText(contradiction)
    const { pool } = this.#ctx.runtime.db
    let at = from
    while (at.seq < to.seq) {
      const { seq } = at
      const { rows } = await mapUnavailable(() =>
        pool.query<{ seq: string; body: string; hash: string }>(ROWS, [
          workspaceId,
          seq,
          to.seq,
          ROWS_AT_ONCE,
        ]),
      )
      const numbered = rows.map((row) => ({ ...row, seq: Number(row.seq) }))
      const verdict = verifyChain(numbered, at, sha256, workspaceId)
      if (!verdict.ok) return verdict.reason
      if (verdict.seq === at.seq) return `row ${at.seq + 1} and all after it are missing`
      at = verdict
    }
    return at.hash === to.hash ? undefined : `row ${to.seq} is not the one that the workspace's head names`
  }
}

/**
 * The checkpoints of a chain in a store that these keys have signed, the newest first.
 * @param limit how many names are read, from the newest on; all by default
 */
export async function storedCheckpoints(
  store: CheckpointStore,
  origin: string,
  verifierKeys: readonly string[],
  limit = Number.POSITIVE_INFINITY,
): Promise<Checkpoint[]> {
  const notes: string[] = []
  for (const name of (await store.list(origin)).slice(0, limit)) notes.push(await store.read(origin, name))
  return readSignedCheckpoints(notes, verifierKeys).filter((each) => each.origin === origin)
}

/** The checkpoints in notes. What these keys have not signed is none, and hides none: the others of its chain are there too. */
export function readSignedCheckpoints(
  notes: readonly string[],
  verifierKeys: readonly string[],
): Checkpoint[] {
  return notes.flatMap((note) => {
    const verified = verifyNote(note, verifierKeys)
    return (verified.ok ? readCheckpoint(verified.text) : undefined) ?? []
  })
}

const AT = `SELECT c.seq::text AS seq, c.hash,
    CASE WHEN c.seq > h.audit_seq THEN 'cut' WHEN e.hash IS DISTINCT FROM c.hash THEN 'rewritten' END AS kind
  FROM unnest($2::bigint[], $3::text[]) WITH ORDINALITY AS c(seq, hash, place)
  CROSS JOIN (SELECT audit_seq FROM workspace_heads WHERE workspace_id = $1) h
  LEFT JOIN audit_entries e ON e.workspace_id = $1 AND e.seq = c.seq
  WHERE c.seq > 0 ORDER BY place`

/** The checkpoints that the chain contradicts, in the given order: in one statement, however many there are (AUD-13). */
export async function contradictionsOf(
  { runtime }: Pick<AdminContext, 'runtime'>,
  workspaceId: string,
  checkpoints: readonly ChainHead[],
): Promise<Contradiction[]> {
  const { rows } = await mapUnavailable(() =>
    runtime.db.pool.query<{ seq: string; hash: string; kind: Contradiction['kind'] | null }>(AT, [
      workspaceId,
      checkpoints.map(({ seq }) => seq),
      checkpoints.map(({ hash }) => hash),
    ]),
  )
  return rows.flatMap(({ seq, hash, kind }) =>
    kind === null ? [] : [{ checkpoint: { seq: Number(seq), hash }, kind }],
  )
}

/** The action of the entry by which an admin acknowledges checkpoints of a branch that a restore has lost (AUD-14). */
export const ACKNOWLEDGE = 'audit.acknowledgeLostBranch'

const ACKNOWLEDGED = `SELECT body FROM audit_entries
  WHERE workspace_id = $1 AND body LIKE '{"act":"${ACKNOWLEDGE}"%'`

/** Those of the contradictions that no entry of the chain acknowledges. */
export async function unacknowledged(
  { runtime }: Pick<AdminContext, 'runtime'>,
  workspaceId: WorkspaceId | string,
  contradictions: readonly Contradiction[],
): Promise<Contradiction[]> {
  if (contradictions.length === 0) return []
  const { rows } = await mapUnavailable(() =>
    runtime.db.pool.query<{ body: string }>(ACKNOWLEDGED, [workspaceId]),
  )
  const known = new Set(
    rows.flatMap(({ body }) =>
      (JSON.parse(body) as { chg: { id: string; before: string }[] }).chg.map(
        ({ id, before }) => `${id} ${before}`,
      ),
    ),
  )
  return contradictions.filter(({ checkpoint: { seq, hash } }) => !known.has(`${seq} ${hash}`))
}

/** A contradiction in words. */
export const contradictionText = ({ kind, checkpoint: { seq } }: Contradiction): string =>
  kind === 'cut'
    ? `the chain ends before row ${seq}, of which there is a checkpoint: it was cut, or an older copy was restored`
    : `row ${seq} is not the one of its checkpoint: the chain was rewritten, or went on from an older copy`
