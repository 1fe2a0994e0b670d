import { SyncBatchRequest, type SyncBatchResponse } from '@fieldsync/contracts'
import {
  type Backup,
  compareResponses,
  CursorPairing,
  HOME,
  ModelServer,
  Pairing,
  type ServerAnswer,
} from '@fieldsync/simulator'

/** A batch as received by the real server. */
export type ServedBatch = { readonly deviceId: string; readonly key: string; readonly body: string }

const SHOWN = 600

/**
 * A model server that receives every call that the real one executed, in its order and at its times: their answers must
 * agree. Names that a server generates, cursors and conflict ids, are translated to the model's own.
 */
export class ShadowModel {
  readonly #model: ModelServer
  readonly #cursors = new CursorPairing()
  /** Of the real server's names. */
  readonly #modelNames = new Map<string, string>()
  #conflictIds: Pairing | undefined = new Pairing()
  #now = 0
  #backup: Backup | undefined
  readonly #pristine: Backup
  compared = 0

  constructor(deviceIds: readonly string[]) {
    this.#model = new ModelServer({ clock: { now: () => this.#now } })
    this.#model.createWorkspace(HOME)
    for (const deviceId of deviceIds)
      this.#model.createDevice({ workspaceId: HOME, deviceId, role: 'agronomist', token: deviceId })
    this.#pristine = this.#model.backup()
  }

  /** @returns where the answers differ, if they do */
  compare(batch: ServedBatch, answer: ServerAnswer): string[] {
    if (answer.status === 200) this.#setClock(answer.body)
    const expected = this.#serve(batch)
    const conflictIds = this.#conflictIds ?? new Pairing()
    const difference = compareResponses(HOME, answer, expected, { cursors: this.#cursors, conflictIds })
    if (answer.status === 200 && expected.status === 200) this.#learn(answer.body, expected.body)
    this.compared++
    if (!difference) return []
    const { at, one, other } = difference
    return [
      `the model answers ${batch.deviceId} otherwise at ${at}: ${shown(other)}, the server: ${shown(one)}`,
    ]
  }

  /**
   * The answer to a call was lost: its outcome is known only from the stored answer. An incomplete pull leaves none,
   * and may have closed a conflict: from here on the two may name the same conflict by ids that do not correspond.
   */
  unheard(batch: ServedBatch, stored: string | undefined): string[] {
    this.#conflictIds = undefined
    if (stored === undefined) return []
    this.#setClock(stored)
    this.#serve(batch)
    return this.compare(batch, { status: 200, headers: { 'idempotency-replayed': 'true' }, body: stored })
  }

  backup(): void {
    this.#backup = this.#model.backup()
  }

  restore(): void {
    if (this.#backup) this.#model.restore(this.#backup)
    this.#cursors.forgetOrder()
  }

  empty(): void {
    this.#model.restore(this.#pristine)
    this.#cursors.forgetOrder()
  }

  #serve({ deviceId, key, body }: ServedBatch): ServerAnswer {
    return this.#model.syncBatch({ token: deviceId, key, body: this.#inModelNames(body) })
  }

  /** Its calls have the real server's instants. */
  #setClock(body: string): void {
    this.#now = Date.parse((JSON.parse(body) as SyncBatchResponse).acceptedAt)
  }

  #learn(real: string, model: string): void {
    const [ours, its] = [JSON.parse(real), JSON.parse(model)] as [SyncBatchResponse, SyncBatchResponse]
    this.#modelNames.set(ours.serverCursor, its.serverCursor)
    for (const [i, { conflictId }] of ours.conflicts.entries()) {
      const name = its.conflicts[i]?.conflictId
      if (conflictId !== undefined && name !== undefined) this.#modelNames.set(conflictId, name)
    }
  }

  #inModelNames(body: string): string {
    const batch = SyncBatchRequest.parse(JSON.parse(body))
    const inModel = (name: string) => this.#modelNames.get(name) ?? name
    const { report } = batch
    const resolved = report?.resolved?.map((each) => ({ ...each, conflictId: inModel(each.conflictId) }))
    return JSON.stringify({
      ...batch,
      lastKnownServerCursor: inModel(batch.lastKnownServerCursor),
      ...(report && { report: { ...report, ...(resolved && { resolved }) } }),
    })
  }
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, SHOWN)
