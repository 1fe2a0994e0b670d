import { CONTRACT_HEADER, CONTRACT_VERSION, DeviceId } from '@fieldsync/contracts'
import { canonicalText, type Role } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import { refusalAnswer, type Refused, type ServerAnswer, type ServerCall } from '../server-call.ts'
import type { WorkspaceState } from '../state/workspace-state.ts'
import { applyBatch } from './apply-batch.ts'
import { appendAudit, instantOf } from './batch.ts'
import type { ModelDevice, ModelState, ModelWorkspace } from './model-state.ts'
import { newWorkspace, stateOfWorkspace } from './model-workspace.ts'
import { identify, type ModelBuild, type ModelLimits, readBatch, tooLarge } from './read-call.ts'

const DEFAULT_LIMITS: ModelLimits = { maxBytes: 8 * 1024 * 1024, maxRecords: 1000 }
const THIS_BUILD: ModelBuild = { contract: CONTRACT_VERSION, stateHash: (hash) => hash, refuses: () => false }

/** A copy of all that a server held at one moment. */
export type Backup = { readonly state: ModelState }

/**
 * The protocol as an executable page: a server in memory that answers a batch as docs/protocol.md says and does so in
 * the plainest way, with maps and arrays and one call at a time. It shares with the real server the shapes of
 * `contracts` and the decisions of `domain`, and nothing else: where the two answer differently, one of them is wrong.
 */
export class ModelServer {
  readonly #clock: { now(): number }
  #limits: ModelLimits
  #build: ModelBuild
  #state: ModelState = { workspaces: new Map(), credentials: new Map() }
  // Not part of the state: after a restore no entry of the log has an identity of the lost branch (CUR-6).
  #identities = 0
  #requests = 0

  /** @param options.clock milliseconds since 1970 @param options.build this one, as far as it does not say */
  constructor(options: {
    clock: { now(): number }
    limits?: Partial<ModelLimits>
    build?: Partial<ModelBuild>
  }) {
    this.#clock = options.clock
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#build = { ...THIS_BUILD, ...options.build }
  }

  /** `POST /v1/sync/batch`: the checks in the order of ERR-4. */
  syncBatch(call: ServerCall): ServerAnswer {
    return this.announced(this.#answer(call))
  }

  #answer(call: ServerCall): ServerAnswer {
    const now = this.#clock.now()
    // Nothing is compressed here: the size on the wire, which comes first, is the decoded one too.
    if (Buffer.byteLength(call.body) > this.#limits.maxBytes) return this.#refuse(tooLarge(this.#limits))
    const identified = identify(this.#state, call.token)
    if ('refused' in identified) return this.#refuse(identified.refused)
    const read = readBatch(call, this.#limits, this.#build)
    if ('refused' in read) return this.#refuse(read.refused)
    const mintIdentity = () => ++this.#identities
    const { stateHash } = this.#build
    const outcome = applyBatch(identified.caller, read.batch, read.key, { now, mintIdentity, stateHash })
    if ('refused' in outcome) return this.#refuse(outcome.refused)
    const headers = outcome.replayed ? { 'idempotency-replayed': 'true' } : {}
    return { status: 200, headers, body: outcome.body }
  }

  /** `GET /v1/session`, as far as a device needs it; before contract 1.4.0 without version and id of the workspace. */
  session(token: string | undefined): ServerAnswer {
    const identified = identify(this.#state, token)
    if ('refused' in identified) return this.announced(this.#refuse(identified.refused))
    const { deviceId, role, workspaceId } = identified.caller.actor
    const { contract } = this.#build
    const uid = contract === null ? {} : { workspaceUid: workspaceUidOf(workspaceId) }
    const workspace = { workspaceId, ...uid, name: workspaceId, timeZone: 'America/Los_Angeles' }
    const announced = contract === null ? {} : { contractVersion: contract }
    const session = { ...announced, workspace, deviceId, role, rights: [] }
    return this.announced({ status: 200, headers: {}, body: JSON.stringify(session) })
  }

  /** An answer with this code in the place of its own. */
  refusal(refused: Refused): ServerAnswer {
    return this.announced(this.#refuse(refused))
  }

  /** An answer under the name of this build (ENG-31). */
  announced(answer: ServerAnswer): ServerAnswer {
    const { contract } = this.#build
    if (contract === null) return answer
    return { ...answer, headers: { ...answer.headers, [CONTRACT_HEADER]: contract } }
  }

  /** Whose token it is. */
  workspaceOf(token: string | undefined): string | undefined {
    return this.#state.credentials.get(token ?? '')?.workspaceId
  }

  createWorkspace(workspaceId: string): void {
    if (this.#state.workspaces.has(workspaceId))
      throw new Error(`there is a workspace ${workspaceId} already`)
    this.#state.workspaces.set(workspaceId, newWorkspace(workspaceId, this.#clock.now(), ++this.#identities))
  }

  createDevice(device: { workspaceId: string; deviceId: string; role: Role; token: string }): void {
    const { workspaceId, deviceId, role, token } = device
    const workspace = this.#workspace(workspaceId)
    if (workspace.devices.has(deviceId)) throw new Error(`there is a device ${deviceId} already`)
    const deviceState = { metadata: null, metadataMicros: undefined, report: null }
    const made = { deviceId: DeviceId.parse(deviceId), role, revoked: false, ...deviceState }
    workspace.devices.set(deviceId, made)
    this.#state.credentials.set(token, { workspaceId, deviceId, expired: false })
    this.#auditDevice(workspace, deviceId, 'device.create')
  }

  /** Acts on the device's next call (ACC-4). */
  revokeDevice(workspaceId: string, deviceId: string): void {
    const device = this.#device(workspaceId, deviceId)
    if (device.revoked) return
    device.revoked = true
    this.#auditDevice(this.#workspace(workspaceId), deviceId, 'device.revoke')
  }

  setRole(workspaceId: string, deviceId: string, role: Role): void {
    this.#device(workspaceId, deviceId).role = role
  }

  /** Gives a device a further token. */
  addToken(workspaceId: string, deviceId: string, token: string): void {
    this.#device(workspaceId, deviceId)
    this.#state.credentials.set(token, { workspaceId, deviceId, expired: false })
    this.#auditDevice(this.#workspace(workspaceId), deviceId, 'device.token.add')
  }

  expireToken(token: string): void {
    const credential = this.#state.credentials.get(token)
    if (credential) credential.expired = true
  }

  /** Bounds for the calls to come: an operator may lower them at any time. */
  setLimits(limits: Partial<ModelLimits>): void {
    this.#limits = { ...this.#limits, ...limits }
  }

  /** Another build answers from now on, as far as it differs from the one before. */
  setBuild(build: Partial<ModelBuild>): void {
    this.#build = { ...this.#build, ...build }
  }

  /** Deletes a record, as no call can; devices learn it from a tombstone (DWN-6), also of one that it has lost. */
  deleteRecord(workspaceId: string, entityType: 'observation' | 'recommendation', entityId: string): void {
    const workspace = this.#workspace(workspaceId)
    const records = entityType === 'observation' ? workspace.observations : workspace.recommendations
    const held = records.get(entityId)
    records.delete(entityId)
    const position = workspace.log.push(++this.#identities)
    const now = this.#clock.now()
    const tombstone = { entityType, entityId, at: instantOf(now) }
    workspace.deleted.set(`${entityType}/${entityId}`, { tombstone, position })
    if (!held) return
    const before = sha256(canonicalText(held.record))
    const change = { type: entityType, id: entityId, kind: 'delete', before, after: null }
    appendAudit(workspace, undefined, now, { act: 'record.delete', chg: [change], tgt: null })
  }

  /** Refuses every cursor that it has given out, as after a restore to a branch that shares no commit with this one. */
  refuseCursors(workspaceId: string): void {
    const workspace = this.#workspace(workspaceId)
    workspace.log = workspace.log.map(() => ++this.#identities)
  }

  /**
   * Changes what it holds past log and audit, as damage to a database does. Documents are to be replaced: their digests
   * are remembered.
   */
  damage(workspaceId: string, change: (workspace: ModelWorkspace) => void): void {
    change(this.#workspace(workspaceId))
  }

  backup(): Backup {
    return { state: structuredClone(this.#state) }
  }

  /** The database as it was at the backup: what came after it is a lost branch. */
  restore(backup: Backup): void {
    this.#state = structuredClone(backup.state)
  }

  /** As a process that ends and begins again: whatever is not in the database is gone. */
  restart(): void {
    this.restore(this.backup())
  }

  state(workspaceId: string): WorkspaceState {
    return stateOfWorkspace(this.#workspace(workspaceId))
  }

  #refuse(refused: Refused): ServerAnswer {
    return refusalAnswer(refused, this.#clock.now(), ++this.#requests)
  }

  #workspace(workspaceId: string): ModelWorkspace {
    const workspace = this.#state.workspaces.get(workspaceId)
    if (!workspace) throw new Error(`there is no workspace ${workspaceId}`)
    return workspace
  }

  #device(workspaceId: string, deviceId: string): ModelDevice {
    const device = this.#workspace(workspaceId).devices.get(deviceId)
    if (!device) throw new Error(`there is no device ${deviceId}`)
    return device
  }

  #auditDevice(workspace: ModelWorkspace, deviceId: string, act: string): void {
    appendAudit(workspace, undefined, this.#clock.now(), {
      act,
      chg: [],
      tgt: { type: 'device', id: deviceId },
    })
  }
}

/** As the model names a workspace for good; its backups keep it. */
export const workspaceUidOf = (workspaceId: string): string => `wsu_${sha256(workspaceId).slice(0, 32)}`
