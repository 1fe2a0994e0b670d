import { CONTRACT_VERSION, type SyncBatchRequest } from '@fieldsync/contracts'
import type { Transport } from '@fieldsync/sync-engine'

import { FaultyLink } from '../link/faulty-link.ts'
import { type Backup, ModelServer } from '../model/model-server.ts'
import { NOT_JSON, parsedBody } from '../model/read-call.ts'
import { refusalAnswer, type ServerAnswer, type ServerCall } from '../server-call.ts'
import type { WorkspaceState } from '../state/workspace-state.ts'
import { settled } from '../time/virtual-clock.ts'
import { HOME, type DeviceServer, type Membership, NEIGHBOR, type WayToServer } from './device-server.ts'
import { poisonAnswer } from './poison.ts'
import { ServerWatch } from './server-watch.ts'

/** How a mutant changes what a server does with a call. */
export type BreakServer = (serve: (call: ServerCall) => ServerAnswer, model: ModelServer) => typeof serve

/** The model server of a simulation: it refuses poison, and is watched. */
export class ModelDeviceServer implements DeviceServer {
  readonly watch = new ServerWatch(() => this.#model.state(HOME))
  readonly neighbor = {
    watch: new ServerWatch(() => this.#model.state(NEIGHBOR)),
    state: () => Promise.resolve(this.#model.state(NEIGHBOR)),
  }
  readonly #model: ModelServer
  readonly #serve: (call: ServerCall) => ServerAnswer
  readonly #now: () => number
  readonly #homes = new Map<string, string>()
  readonly #listeners = new Set<{ readonly deviceId: string; readonly onPoke: () => void }>()
  #backup: Backup | undefined
  #pristine: Backup | undefined
  #tokens = 0
  #failsUntil = 0
  #bindsNext = false

  constructor(clock: { now(): number }, breaks?: BreakServer) {
    this.#model = new ModelServer({ clock })
    this.#model.createWorkspace(HOME)
    this.#model.createWorkspace(NEIGHBOR)
    this.#now = () => clock.now()
    const serve = (call: ServerCall) => this.#model.syncBatch(call)
    this.#serve = breaks ? breaks(serve, this.#model) : serve
  }

  begin(): Promise<void> {
    this.#pristine = this.#model.backup()
    return Promise.resolve()
  }

  enroll(deviceId: string, { workspaceId, role, hasNamesake }: Membership): string {
    const token = `${deviceId} token ${++this.#tokens}`
    this.#homes.set(deviceId, workspaceId)
    this.#model.createDevice({ workspaceId, deviceId, role, token })
    if (hasNamesake) {
      const namesake = `${deviceId} token ${++this.#tokens}`
      this.#model.createDevice({ workspaceId: otherThan(workspaceId), deviceId, role, token: namesake })
    }
    return token
  }

  newToken(deviceId: string): string {
    const token = `${deviceId} token ${++this.#tokens}`
    this.#model.addToken(this.#homeOf(deviceId), deviceId, token)
    return token
  }

  move(deviceId: string): void {
    this.#homes.set(deviceId, otherThan(this.#homeOf(deviceId)))
  }

  announce(announced: boolean): void {
    this.#model.setBuild({ contract: announced ? CONTRACT_VERSION : null })
  }

  expireToken(token: string): void {
    this.#model.expireToken(token)
  }

  connect(way: WayToServer): Transport {
    const session = (token: string | undefined) => this.#model.session(token)
    return new FaultyLink({ ...way, session, server: (call) => this.#answer(call) })
  }

  live(deviceId: string, onPoke: () => void): () => void {
    const listener = { deviceId, onPoke }
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  fail(milliseconds: number): void {
    this.#failsUntil = this.#now() + milliseconds
  }

  bind(): void {
    this.#bindsNext = true
  }

  delete(pick: number): string | undefined {
    const ids = [...this.#model.state(HOME).observations.keys()].toSorted()
    const id = ids[pick % Math.max(1, ids.length)]
    if (id !== undefined) this.#model.deleteRecord(HOME, 'observation', id)
    return id
  }

  limit(maxRecords: number): void {
    this.#model.setLimits({ maxRecords })
  }

  restart(): Promise<void> {
    this.#model.restart()
    return Promise.resolve()
  }

  backup(): Promise<void> {
    this.#backup = this.#model.backup()
    return Promise.resolve()
  }

  async restore(): Promise<boolean> {
    if (!this.#backup) return false
    await this.#goBackTo(this.#backup)
    return true
  }

  async empty(): Promise<void> {
    if (this.#pristine) await this.#goBackTo(this.#pristine)
  }

  async #goBackTo(backup: Backup): Promise<void> {
    for (const { watch } of [this, this.neighbor]) await watch.check()
    this.#model.restore(backup)
    for (const { watch } of [this, this.neighbor]) watch.restored()
  }

  state(): Promise<WorkspaceState> {
    return Promise.resolve(this.#model.state(HOME))
  }

  settled(): Promise<void> {
    return settled()
  }

  async #answer(call: ServerCall): Promise<ServerAnswer> {
    const parsed = parsedBody(call)
    if (parsed === NOT_JSON) throw new Error('an engine sends JSON')
    if (parsed.ok && hasRecords(parsed.value)) {
      const isFailing = this.#now() < this.#failsUntil
      const refused = isFailing
        ? refusalAnswer({ code: 'INTERNAL_ERROR' }, this.#now(), 0)
        : poisonAnswer(parsed.value, this.#now())
      if (refused) return this.#model.announced(refused)
    }
    const answer = this.#serve(call)
    if (!parsed.ok) return answer
    // The call may have been on its way when its device got another token.
    const home = this.#model.workspaceOf(call.token) ?? HOME
    await (home === HOME ? this.watch : this.neighbor.watch).answered(parsed.value, answer)
    // One poke too many does no harm.
    if (answer.status !== 200 || !hasRecords(parsed.value)) return answer
    this.#poke(home)
    if (!this.#bindsNext) return answer
    this.#bindsNext = false
    return this.#model.refusal({ code: 'IDEMPOTENCY_CONFLICT' })
  }

  #poke(home: string): void {
    for (const { deviceId, onPoke } of this.#listeners) if (this.#homeOf(deviceId) === home) onPoke()
  }

  #homeOf(deviceId: string): string {
    return this.#homes.get(deviceId) ?? HOME
  }
}

const otherThan = (workspaceId: string): string => (workspaceId === HOME ? NEIGHBOR : HOME)

const hasRecords = ({ upserts }: SyncBatchRequest): boolean =>
  Object.values(upserts).some((records) => records.length > 0)
