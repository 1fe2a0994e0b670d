import { type ChainHead, checkpointOrigin, checkpointText, verifyChain } from '@fieldsync/domain'

import type { AdminContext } from '../core/context.ts'
import { sha256 } from '../core/json-text.ts'
import { mapUnavailable } from '../core/verb.ts'
import { beginningOf } from './beginning.ts'
import { checkpointName, type CheckpointStore, storedCheckpoints } from './checkpoint-store.ts'
import { type Contradiction, contradictionsOf, contradictionText, unacknowledged } from './contradictions.ts'
import type { NoteSigner } from './signed-note.ts'

/** What a round found in one workspace. */
export type CheckpointProblem = Broken & { readonly workspaceId: string }

/** Why a chain gets no checkpoint: it contradicts one, or does not verify. */
type Broken = { readonly kind: Contradiction['kind'] | 'broken'; readonly reason: string }

/** A store that failed in a round: it is tried again in the next one. */
export type StoreFailure = { readonly store: string; readonly reason: string }

export type CheckpointRound = {
  readonly written: number
  readonly problems: readonly CheckpointProblem[]
  readonly failures: readonly StoreFailure[]
}

/** The newest checkpoint of a chain that a server has written or found. */
export type NewestCheckpoint = ChainHead & { readonly origin: string; readonly note: string }

type HeadRow = { workspaceId: string; workspaceUid: string; seq: string; hash: string }
type Chain = { readonly workspaceId: string; readonly origin: string; readonly head: ChainHead }
/** Where a store is with a chain; the genesis for one that has no checkpoint of it. */
type Place = { readonly store: CheckpointStore; readonly last: ChainHead }

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
 * Writes a signed checkpoint of every chain that has grown since its last one, to every store (AUD-12). Before it signs, it
 * verifies that the chain goes on from its newest checkpoint in each store: one that was rewritten, cut or restored is reported
 * and gets no new one, until an admin has acknowledged the lost branch (AUD-14). A store that fails keeps no other from
 * getting its checkpoint (AUD-30).
 */
export class Checkpoints {
  readonly #ctx: AdminContext
  readonly #signer: NoteSigner
  readonly #stores: readonly CheckpointStore[]
  readonly #onNewest: ((workspaceId: string, newest: NewestCheckpoint) => void) | undefined
  /** The last checkpoint of each chain in each store, by the chain's origin. */
  readonly #newest: ReadonlyMap<CheckpointStore, Map<string, ChainHead>>

  /** @param onNewest learns of each chain's newest checkpoint once a store has it */
  constructor(
    ctx: AdminContext,
    signer: NoteSigner,
    stores: readonly CheckpointStore[],
    onNewest?: (workspaceId: string, newest: NewestCheckpoint) => void,
  ) {
    this.#ctx = ctx
    this.#signer = signer
    this.#stores = stores
    this.#onNewest = onNewest
    this.#newest = new Map(stores.map((store) => [store, new Map()]))
  }

  /**
   * One round over all workspaces.
   * @param signal ends it after the workspace that it is at
   * @throws ServiceError UNAVAILABLE
   */
  async write(signal?: AbortSignal): Promise<CheckpointRound> {
    const problems: CheckpointProblem[] = []
    const failed = new Map<CheckpointStore, string>()
    let written = 0
    for await (const row of this.#heads()) {
      if (signal?.aborted) break
      const { workspaceId, workspaceUid } = row
      const origin = checkpointOrigin(workspaceId, workspaceUid)
      const chain = { workspaceId, origin, head: { seq: Number(row.seq), hash: row.hash } }
      const outcome = await this.#writeOne(chain, failed)
      if (typeof outcome === 'number') written += outcome
      else {
        // The stores are looked at again next time: an admin may have acknowledged the loss.
        for (const newest of this.#newest.values()) newest.delete(origin)
        problems.push({ workspaceId, ...outcome })
      }
    }
    const failures = [...failed].map(([store, reason]) => ({ store: store.name, reason }))
    return { written, problems, failures }
  }

  /** How many checkpoints of a chain were written; why none, where it contradicts one. */
  async #writeOne(chain: Chain, failed: Map<CheckpointStore, string>): Promise<number | Broken> {
    const { workspaceId, origin, head } = chain
    const places: Place[] = []
    for (const store of this.#stores) {
      const last = this.#newest.get(store)?.get(origin) ?? (await this.#lastStored(store, chain, failed))
      if (last && 'reason' in last) return last
      if (last) places.push({ store, last })
    }
    const due = places.filter(({ last }) => last.seq !== head.seq || last.hash !== head.hash)
    if (due.length === 0 && places.every(({ store }) => this.#newest.get(store)?.has(origin))) return 0
    const found = await this.#broken(chain, due)
    if (found) return found
    const note = this.#signer.sign(checkpointText({ origin, ...head }))
    let written = 0
    for (const { store } of due) {
      const added = await trying(store, failed, async () => {
        await store.add(origin, checkpointName(head), note)
        return true
      })
      if (!added) continue
      this.#newest.get(store)?.set(origin, head)
      written++
    }
    const current = places.filter((place) => !due.includes(place))
    for (const { store } of current) this.#newest.get(store)?.set(origin, head)
    if (written + current.length > 0) this.#onNewest?.(workspaceId, { origin, ...head, note })
    return written
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

  /**
   * The newest checkpoint in a store that the chain does not contradict; what is broken where an unacknowledged one does, undefined
   * where the store fails.
   */
  async #lastStored(
    store: CheckpointStore,
    { workspaceId, origin }: Chain,
    failed: Map<CheckpointStore, string>,
  ): Promise<ChainHead | Broken | undefined> {
    const keys = [this.#signer.verifierKey]
    const stored = await trying(store, failed, () => storedCheckpoints(store, origin, keys, NEWEST))
    if (!stored) return undefined
    const contradictions = await contradictionsOf(this.#ctx, workspaceId, stored)
    const [first] = await unacknowledged(this.#ctx, workspaceId, contradictions)
    if (first) return contradicted(first)
    const isContradicted = ({ seq, hash }: ChainHead): boolean =>
      contradictions.some(({ checkpoint }) => checkpoint.seq === seq && checkpoint.hash === hash)
    return stored.find((each) => !isContradicted(each)) ?? (await beginningOf(this.#ctx, workspaceId))
  }

  /** Why the chain does not lead from where its stores are to its head; undefined where it does. */
  async #broken({ workspaceId, head }: Chain, from: readonly Place[]): Promise<Broken | undefined> {
    const lasts = from.map(({ last }) => last).toSorted((one, other) => one.seq - other.seq)
    const [contradiction] = await contradictionsOf(this.#ctx, workspaceId, lasts)
    if (contradiction) return contradicted(contradiction)
    // What the others say was compared with the rows: one walk from the earliest is enough.
    let [at] = lasts
    if (!at) return undefined
    const beginning = await beginningOf(this.#ctx, workspaceId)
    if (at.seq < beginning.seq) at = beginning
    const { pool } = this.#ctx.runtime.db
    while (at.seq < head.seq) {
      const { seq }: ChainHead = at
      const { rows } = await mapUnavailable(() =>
        pool.query<{ seq: string; body: string; hash: string }>(ROWS, [
          workspaceId,
          seq,
          head.seq,
          ROWS_AT_ONCE,
        ]),
      )
      const numbered = rows.map((row) => ({ ...row, seq: Number(row.seq) }))
      const verdict = verifyChain(numbered, at, sha256, workspaceId)
      if (!verdict.ok) return broken(verdict.reason)
      if (verdict.seq === at.seq) return broken(`row ${at.seq + 1} and all after it are missing`)
      at = verdict
    }
    if (at.hash === head.hash) return undefined
    return broken(`row ${head.seq} is not the one that the workspace's head names`)
  }
}

const broken = (reason: string): Broken => ({ kind: 'broken', reason })

const contradicted = (contradiction: Contradiction): Broken => ({
  kind: contradiction.kind,
  reason: contradictionText(contradiction),
})

/** Asks a store that has not failed in this round; undefined, and noted, where it fails. */
async function trying<T>(
  store: CheckpointStore,
  failed: Map<CheckpointStore, string>,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  if (failed.has(store)) return undefined
  try {
    return await ask()
  } catch (error) {
    failed.set(store, error instanceof Error ? error.message : String(error))
    return undefined
  }
}
