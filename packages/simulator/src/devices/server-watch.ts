import {
  type Observation,
  type Recommendation,
  type SyncBatchRequest,
  SyncBatchResponse,
} from '@fieldsync/contracts'

import { acknowledged } from '../invariants/answer-guarantees.ts'
import { hasSameContent } from '../invariants/equality.ts'
import { serverGuarantees } from '../invariants/server-guarantees.ts'
import type { ServerAnswer } from '../server-call.ts'
import type { WorkspaceState } from '../state/workspace-state.ts'
import { asBefore, contentKeyOf } from './content-key.ts'

/** Checks what a server answers and holds, and remembers all that it ever accepted. */
export class ServerWatch {
  readonly findings: string[] = []
  /** By its content key, over restores: what was acknowledged once was not lost by a device. */
  readonly accepted = new Set<string>()
  conflicts = 0
  readonly #state: () => WorkspaceState | Promise<WorkspaceState>
  readonly #alsoWrong: () => Promise<string[]>
  readonly #answers = new Map<string, string>()
  #before: WorkspaceState | undefined

  /** @param alsoWrong what else is wrong with all that it holds, beyond what its state can tell */
  constructor(
    state: () => WorkspaceState | Promise<WorkspaceState>,
    alsoWrong: () => Promise<string[]> = () => Promise.resolve([]),
  ) {
    this.#state = state
    this.#alsoWrong = alsoWrong
  }

  /** Looks for what breaks a guarantee in all that the server holds, and since the last look. */
  async check(): Promise<void> {
    const state = await this.#state()
    this.findings.push(...serverGuarantees(state, this.#before).map((finding) => `server: ${finding}`))
    this.findings.push(...(await this.#alsoWrong()))
    this.#before = state
  }

  /** What it holds is older than at the last look, and is meant to be. */
  restored(): void {
    this.#before = undefined
    // It may execute again what it had executed.
    this.#answers.clear()
  }

  /** To be called with each answer before the next call is served. */
  async answered(batch: SyncBatchRequest, { status, headers, body }: ServerAnswer): Promise<void> {
    const { upserts } = batch
    if (status !== 200 || Object.values(upserts).every((records) => records.length === 0)) return
    const first = this.#answers.get(batch.syncId)
    this.#answers.set(batch.syncId, body)
    if (first !== undefined && first !== body)
      this.findings.push('IDM-2: a retry was not answered as the first time')
    if (headers['idempotency-replayed'] !== undefined) return
    const answer = SyncBatchResponse.parse(JSON.parse(body))
    const state = await this.#state()
    this.findings.push(...acknowledged(batch, answer, state).map((finding) => `G1: ${finding}`))
    const { observations, recommendations, playbookPatches } = upserts
    const refused = Map.groupBy(answer.conflicts, ({ entityId }) => entityId)
    this.conflicts += answer.conflicts.length
    for (const each of observations) {
      const held = state.observations.get(each.observationId)?.record
      if (!refused.has(each.observationId) || isHeld(held, each)) this.accepted.add(contentKeyOf(each))
    }
    for (const each of recommendations) {
      const held = state.recommendations.get(each.recommendationId)?.record
      if (!refused.has(each.recommendationId) || isHeld(held, each)) this.accepted.add(contentKeyOf(each))
    }
    for (const each of playbookPatches) {
      if (!refused.has(each.patchId)) this.accepted.add(contentKeyOf(each))
    }
  }
}

// A write that says what is held already is accepted, whatever its time, and whatever was left out of it for an older build.
const isHeld = <T extends Observation | Recommendation>(held: T | undefined, sent: T): boolean =>
  held !== undefined && held.status === sent.status && hasSameContent(known(held), known(sent))

const known = (record: Observation | Recommendation): object =>
  'rawNoteText' in record ? asBefore(record) : record
