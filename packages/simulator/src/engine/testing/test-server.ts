import {
  type ErrorCode,
  type Observation,
  type Playbook,
  type Recommendation,
  SyncBatchRequest,
} from '@fieldsync/contracts'
import type { BatchAnswer } from '@fieldsync/sync-engine'

import { ServerWatch } from '../../devices/server-watch.ts'
import { received } from '../../link/faulty-link.ts'
import type { LinkedServer } from '../../link/scripted-link.ts'
import { type Backup, ModelServer, workspaceUidOf } from '../../model/model-server.ts'
import type { ModelWorkspace } from '../../model/model-state.ts'
import type { ServerAnswer, ServerCall } from '../../server-call.ts'
import type { WorkspaceState } from '../../state/workspace-state.ts'

const PLAYBOOK = 'pbk_yolo_grape'

/** The model server with one workspace, which a test looks into. */
export class TestServer implements LinkedServer {
  readonly model: ModelServer
  readonly workspaceId: string
  /** The batches that came in. */
  readonly requests: SyncBatchRequest[] = []
  /** The reports of the batches that were executed. */
  readonly reports: NonNullable<SyncBatchRequest['report']>[] = []
  /** Remembers everything that was ever accepted, restores or not. */
  readonly watch: ServerWatch

  constructor(clock: { now(): number }, workspaceId = 'ws_test') {
    this.workspaceId = workspaceId
    this.model = new ModelServer({ clock })
    this.model.createWorkspace(workspaceId)
    this.watch = new ServerWatch(() => this.state)
  }

  get state(): WorkspaceState {
    return this.model.state(this.workspaceId)
  }

  get workspaceUid(): string {
    return workspaceUidOf(this.workspaceId)
  }

  /** How many records it has, playbooks among them. */
  get size(): number {
    return this.state.log.length
  }

  /** Gives a device its credential, which is its id. */
  enrol(deviceId: string): void {
    if (this.model.workspaceOf(deviceId) !== undefined) return
    const { workspaceId } = this
    this.model.createDevice({ workspaceId, deviceId, role: 'agronomist', token: deviceId })
  }

  session(token: string | undefined): ServerAnswer {
    return this.model.session(token)
  }

  async syncBatch(call: ServerCall): Promise<ServerAnswer> {
    const request = SyncBatchRequest.safeParse(JSON.parse(call.body)).data
    if (request) this.requests.push(request)
    const answer = this.model.syncBatch(call)
    const isExecuted = answer.status === 200 && answer.headers['idempotency-replayed'] === undefined
    if (request?.report && isExecuted) this.reports.push(request.report)
    if (request) await this.watch.answered(request, answer)
    return answer
  }

  /** An answer with this code, as it comes to a device. */
  refuse(code: ErrorCode, details?: Readonly<Record<string, unknown>>): BatchAnswer {
    return received(this.model.refusal({ code, ...(details && { details }) }))
  }

  observation(id: string): Observation | undefined {
    return this.state.observations.get(id)?.record
  }

  recommendation(id: string): Recommendation | undefined {
    return this.state.recommendations.get(id)?.record
  }

  playbook(id = PLAYBOOK): Playbook | undefined {
    return this.state.playbooks.get(id)
  }

  stateHash(): string {
    return this.state.stateHash
  }

  backup(): Backup {
    return this.model.backup()
  }

  /** Goes back to a backup: cursors from after it are refused from now on. */
  restore(backup: Backup): void {
    this.model.restore(backup)
    this.watch.restored()
  }

  /** Refuses every cursor that it has given out. */
  refuseCursors(): void {
    this.model.refuseCursors(this.workspaceId)
  }

  delete(type: 'observation' | 'recommendation', id: string): void {
    this.model.deleteRecord(this.workspaceId, type, id)
  }

  /** Changes what it holds without a trace in its log. */
  damage(change: (workspace: ModelWorkspace) => void): void {
    this.model.damage(this.workspaceId, change)
  }
}
