import { PersonId, type WorkspaceId } from '@fieldsync/contracts'
import { checkpointOrigin } from '@fieldsync/domain'

import type { CheckpointStore } from '../audit/checkpoint-store.ts'
import { type NoteSigner, verifyNote } from '../audit/signed-note.ts'
import type { AdminContext } from '../core/context.ts'
import { sha256 } from '../core/json-text.ts'
import { mapUnavailable } from '../core/verb.ts'
import { ERASED_DOMAIN } from './erase-person.ts'

/** One erasure of records, by its row of the audit; or of a person, without one: it is the same in all of their workspaces. */
type Erasure = { workspaceId: string; uid: string; seq: string | null; names: string[] }

const ERASURES = `SELECT e.workspace_id AS "workspaceId", w.workspace_uid AS uid, e.audit_seq AS seq,
    array_agg(e.entity_type || ' ' || e.entity_id ORDER BY e.entity_type, e.entity_id) AS names
  FROM erasures e JOIN workspaces w ON w.workspace_id = e.workspace_id
  GROUP BY e.workspace_id, w.workspace_uid, e.audit_seq ORDER BY e.workspace_id, e.audit_seq`

const PEOPLE = `SELECT w.workspace_id AS "workspaceId", w.workspace_uid AS uid, NULL AS seq, ARRAY['person ' || p.id] AS names
  FROM people p JOIN devices d ON d.person_id = p.id JOIN workspaces w ON w.workspace_id = d.workspace_id
  WHERE p.email = p.id || '${ERASED_DOMAIN}' ORDER BY w.workspace_id, p.id`

const PREFIX = 'erasure-'

/** What an erasure says beside the checkpoints: its chain, its row, and the ids, each on its line; no content. */
const textOf = ({ workspaceId, uid, seq, names }: Erasure): string =>
  `${checkpointOrigin(workspaceId, uid)}\nerasure ${seq ?? 'of a person'}\n${names.join('\n')}\n`

/** By which a store lists it: the same again for the same erasure. */
const nameOf = ({ seq }: Erasure, text: string): string =>
  `${PREFIX}${seq?.padStart(15, '0') ?? 'person'}-${sha256(text).slice(0, 16)}`

/**
 * Writes every erasure beside the checkpoints as a signed note (ERA-4): a backup that is restored does not know the later
 * ones, and what they erased would be back. A store that fails gets them at a later round.
 */
export class ErasureNotes {
  readonly #ctx: AdminContext
  readonly #signer: NoteSigner
  readonly #stores: readonly CheckpointStore[]
  /** Names that a store has, by chain. */
  readonly #known: ReadonlyMap<CheckpointStore, Map<string, Set<string>>>

  constructor(ctx: AdminContext, signer: NoteSigner, stores: readonly CheckpointStore[]) {
    this.#ctx = ctx
    this.#signer = signer
    this.#stores = stores
    this.#known = new Map(stores.map((store) => [store, new Map()]))
  }

  /** One round. @returns how many were written. @throws ServiceError UNAVAILABLE; what a store fails with, after the others */
  async write(): Promise<number> {
    const { pool } = this.#ctx.runtime.db
    const { rows: ofRecords } = await mapUnavailable(() => pool.query<Erasure>(ERASURES))
    const { rows: ofPeople } = await mapUnavailable(() => pool.query<Erasure>(PEOPLE))
    const erasures = [...ofRecords, ...ofPeople]
    let written = 0
    const failures: unknown[] = []
    for (const store of this.#stores) {
      try {
        for (const erasure of erasures) if (await this.#writeOne(store, erasure)) written++
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
    return written
  }

  async #writeOne(store: CheckpointStore, erasure: Erasure): Promise<boolean> {
    const origin = checkpointOrigin(erasure.workspaceId, erasure.uid)
    const chains = this.#known.get(store)
    const known = chains?.get(origin) ?? new Set(await store.list(origin))
    chains?.set(origin, known)
    const text = textOf(erasure)
    const name = nameOf(erasure, text)
    if (known.has(name)) return false
    await store.add(origin, name, this.#signer.sign(text))
    known.add(name)
    return true
  }
}

/** What a restore has brought back. */
export type LostErasures = { readonly observations: readonly string[]; readonly people: readonly PersonId[] }

/**
 * The observations and the people that the notes of a chain's stores name as erased and the database does not (ERA-4): those of
 * erasures that a restore has lost. A person whom the copy does not know needs no erasure.
 *
 * @throws what a store fails with; ServiceError UNAVAILABLE
 */
export async function lostErasures(
  ctx: AdminContext,
  input: {
    workspaceId: WorkspaceId
    origin: string
    stores: readonly CheckpointStore[]
    verifierKeys: readonly string[]
  },
): Promise<LostErasures> {
  const { workspaceId, origin, stores, verifierKeys } = input
  const ids = new Set<string>()
  const personIds = new Set<string>()
  for (const store of stores)
    for (const name of (await store.list(origin)).filter((each) => each.startsWith(PREFIX))) {
      const verified = verifyNote(await store.read(origin, name), verifierKeys)
      const [chain, , ...names] = verified.ok ? verified.text.trimEnd().split('\n') : []
      if (chain !== origin) continue
      for (const [, kind, id] of names.map((each) => /^(observation|person) (\S+)$/.exec(each) ?? []))
        if (id) (kind === 'person' ? personIds : ids).add(id)
    }
  const { rows } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query<{ id: string }>(
      `SELECT entity_id AS id FROM erasures WHERE workspace_id = $1 AND entity_type = 'observation' AND entity_id = ANY ($2)`,
      [workspaceId, [...ids]],
    ),
  )
  for (const { id } of rows) ids.delete(id)
  const { rows: people } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query<{ id: string }>(
      `SELECT id FROM people WHERE id = ANY ($1) AND email <> id || '${ERASED_DOMAIN}' ORDER BY id`,
      [[...personIds]],
    ),
  )
  return { observations: [...ids].toSorted(), people: people.map(({ id }) => PersonId.parse(id)) }
}
