import {
  type Observation,
  parseSyncBatch,
  type Recommendation,
  type SyncBatchRequest,
  SyncBatchResponse,
} from '@fieldsync/contracts'

import { acknowledged } from '../invariants/acknowledged.ts'
import { hasSameContent } from '../invariants/equality.ts'
import { serverGuarantees } from '../invariants/server-guarantees.ts'
import { type Backup, ModelServer } from '../model/model-server.ts'
import { type Refused, refusalAnswer } from '../refused.ts'
import type { ServerAnswer, ServerCall } from '../server-call.ts'
import type { WorkspaceState } from '../state/workspace-state.ts'
import { essenceOf } from './essence.ts'

export const FIELD = 'ws_field'

/** How a planted bug changes what a server does with a call. */
export type BreakServer = (serve: (call: ServerCall) => ServerAnswer, model: ModelServer) => typeof serve

const isPoisoned = (kind: string, record: object): boolean =>
  'rawNoteText' in record && String(record.rawNoteText).startsWith(`poison ${kind}`)

/** The model server of a simulation: it refuses poison, remembers all that it ever accepted, and is watched. */
export class FieldServer {
  readonly model: ModelServer
  readonly findings: string[] = []
  /** By its essence, over restores: what was acknowledged once was not lost by a device. */
  readonly accepted = new Set<string>()
  conflicts = 0
  readonly #serve: (call: ServerCall) => ServerAnswer
  readonly #now: () => number
  #before: WorkspaceState | undefined
  #backup: Backup | undefined
  #tokens = 0

  constructor(clock: { now(): number }, breaks?: BreakServer) {
    this.model = new ModelServer({ clock })
    this.model.createWorkspace(FIELD)
    this.#now = () => clock.now()
    const serve = (call: ServerCall) => this.model.syncBatch(call)
    this.#serve = breaks ? breaks(serve, this.model) : serve
  }

  get state(): WorkspaceState {
    return this.model.state(FIELD)
  }

  /** @returns the device's first token */
  enrol(deviceId: string): string {
    const token = `${deviceId} token ${++this.#tokens}`
    this.model.createDevice({ workspaceId: FIELD, deviceId, role: 'agronomist', token })
    return token
  }

  newToken(deviceId: string): string {
    const token = `${deviceId} token ${++this.#tokens}`
    this.model.addToken(FIELD, deviceId, token)
    return token
  }

  answer(call: ServerCall): ServerAnswer {
    const parsed = parseSyncBatch(JSON.parse(call.body))
    const refused = parsed.ok ? poisonIn(parsed.value) : undefined
    if (refused) return refusalAnswer(refused, this.#now(), 0)
    const answer = this.#serve(call)
    const isFresh = answer.status === 200 && answer.headers['idempotency-replayed'] === undefined
    if (parsed.ok && isFresh) this.#look(parsed.value, SyncBatchResponse.parse(JSON.parse(answer.body)))
    return answer
  }

  backup(): void {
    this.#backup = this.model.backup()
  }

  restore(): boolean {
    if (!this.#backup) return false
    this.check()
    this.model.restore(this.#backup)
    this.#before = undefined
    return true
  }

  /** Looks for what breaks a guarantee in all that it holds, and since the last look. */
  check(): void {
    const { state } = this
    this.findings.push(...serverGuarantees(state, this.#before).map((finding) => `server: ${finding}`))
    this.#before = state
  }

  #look(batch: SyncBatchRequest, answer: SyncBatchResponse): void {
    const { upserts } = batch
    if (Object.values(upserts).every((records) => records.length === 0)) return
    const { state } = this
    this.findings.push(...acknowledged(batch, answer, state).map((finding) => `G1: ${finding}`))
    const { observations, recommendations, playbookPatches } = upserts
    const refused = Map.groupBy(answer.conflicts, ({ entityId }) => entityId)
    this.conflicts += answer.conflicts.length
    for (const each of observations) {
      const held = state.observations.get(each.observationId)?.record
      if (!refused.has(each.observationId) || isHeld(held, each)) this.accepted.add(essenceOf(each))
    }
    for (const each of recommendations) {
      const held = state.recommendations.get(each.recommendationId)?.record
      if (!refused.has(each.recommendationId) || isHeld(held, each)) this.accepted.add(essenceOf(each))
    }
    for (const each of playbookPatches) {
      if (!refused.has(each.patchId)) this.accepted.add(essenceOf(each))
    }
  }
}

// A write that says what is held already is accepted, whatever its time.
const isHeld = <T extends Observation | Recommendation>(held: T | undefined, sent: T): boolean =>
  held !== undefined && held.status === sent.status && hasSameContent(held, sent)

/** What this server says to a batch with a record that only it refuses. */
function poisonIn({ upserts }: SyncBatchRequest): Refused | undefined {
  const { observations } = upserts
  if (observations.some((each) => isPoisoned('fails', each))) return { code: 'INTERNAL_ERROR' }
  const issues = observations.flatMap((each, i) =>
    isPoisoned('refused', each)
      ? [{ path: `/upserts/observations/${i}/rawNoteText`, message: 'is not taken here' }]
      : [],
  )
  return issues.length > 0 ? { code: 'VALIDATION_ERROR', details: { issues } } : undefined
}
