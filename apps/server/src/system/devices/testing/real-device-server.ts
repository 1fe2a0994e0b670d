import {
  CONTRACT_HEADER,
  CONTRACT_VERSION,
  parseSyncBatch,
  type SyncBatchRequest,
} from '@fieldsync/contracts'
import {
  type DeviceServer,
  NoAnswer,
  poisonAnswer,
  refusalAnswer,
  type Refused,
  refusedCredential,
  type ServerAnswer,
  ServerWatch,
  type Site,
  type WayToServer,
  type WorkspaceState,
} from '@fieldsync/simulator'
import type { Transport } from '@fieldsync/sync-engine'
import { type SeededRandom, seededRandom } from '@fieldsync/testkit'

import type { DeviceSystem, Kill } from './device-system.ts'
import type { FaultProxy } from './fault-proxy.ts'
import type { RealWork } from './real-work.ts'
import { type ServedBatch, ShadowModel } from './shadow-model.ts'
import type { WireCall } from './wire-call.ts'

/** A batch from the proxy to the server: undefined when the server died during it. */
type Forward = (deviceId: string, call: WireCall) => Promise<ServerAnswer | undefined>

/** A mutant: something between the proxy and the disk that behaves like a bug there. */
export type BreakReal = {
  readonly forward?: (forward: Forward) => Forward
  /** Statements of a superuser that make the database unsound, and sound again. */
  readonly database?: { readonly plant: readonly string[]; readonly remove: readonly string[] }
}

type RealParts = { readonly system: DeviceSystem; readonly proxy: FaultProxy; readonly work: RealWork }

type Token = { readonly deviceId: string; readonly expired: boolean }

const BACKUP = 'fieldsync_backup'
const NO_LIMIT = 1_000
const LONGEST_LIFE_MS = 12
const WORKSPACE_UID = 'wsu_00000000000000000000000000000001'

/**
 * The real server of the simulator: its process and its PostgreSQL, behind the proxy. The proxy itself handles tokens,
 * limits and poison; everything else is the server's own.
 */
export class RealDeviceServer implements DeviceServer {
  readonly watch: ServerWatch
  readonly shadow: ShadowModel
  readonly #parts: RealParts
  readonly #now: () => number
  readonly #rng: SeededRandom
  readonly #forward: Forward
  readonly #breaks: BreakReal
  #tokens = new Map<string, Token>()
  #minted = 0
  #maxRecords = NO_LIMIT
  #failsUntil = 0
  #nextKill: Kill | undefined
  #backup: ReadonlyMap<string, Token> | undefined

  constructor(parts: RealParts, { clock, seed }: Site, deviceIds: readonly string[], breaks: BreakReal = {}) {
    const { system } = parts
    this.#parts = parts
    this.#now = () => clock.now()
    this.#rng = seededRandom(Math.imul(seed, 41))
    this.watch = new ServerWatch(
      () => this.state(),
      () => system.auditFindings(),
    )
    this.shadow = new ShadowModel(deviceIds)
    const forward: Forward = (deviceId, call) => this.#send(deviceId, call)
    this.#forward = breaks.forward?.(forward) ?? forward
    this.#breaks = breaks
  }

  async begin(): Promise<void> {
    const { system } = this.#parts
    await system.reset()
    if (!this.#breaks.database) return
    await system.perform(this.#breaks.database.plant)
    // Earlier connections are not affected by it.
    await system.kill(false)
  }

  /** Leaves a healthy server for the next run. */
  async end(): Promise<void> {
    const { system, work } = this.#parts
    await work.settled()
    if (!this.#breaks.database) return
    await system.perform(this.#breaks.database.remove)
    await system.kill(false)
  }

  enroll(deviceId: string): string {
    return this.newToken(deviceId)
  }

  newToken(deviceId: string): string {
    const token = `${deviceId}-token-${++this.#minted}`
    this.#tokens.set(token, { deviceId, expired: false })
    return token
  }

  expireToken(token: string): void {
    const known = this.#tokens.get(token)
    if (known) this.#tokens.set(token, { ...known, expired: true })
  }

  connect(way: WayToServer): Transport {
    return this.#parts.proxy.connect(
      way,
      (token, call) => this.#answer(token, call),
      (token) => this.#session(token),
    )
  }

  fail(milliseconds: number): void {
    this.#failsUntil = this.#now() + milliseconds
  }

  limit(maxRecords: number): void {
    this.#maxRecords = maxRecords
  }

  async restart(): Promise<void> {
    const database = this.#rng.fraction() < 0.5
    const moment = this.#rng.pick(['idle', 'sent', 'answered'] as const)
    const afterMs = this.#rng.int(0, LONGEST_LIFE_MS)
    if (moment !== 'idle') {
      this.#nextKill = { moment, afterMs, database }
      return
    }
    await this.watch.check()
    await this.#parts.system.kill(database)
    await this.watch.check()
  }

  async backup(): Promise<void> {
    await this.#parts.system.backup(BACKUP)
    this.shadow.backup()
    this.#backup = new Map(this.#tokens)
  }

  async restore(): Promise<boolean> {
    if (!this.#backup) return false
    await this.watch.check()
    await this.#parts.system.restore(BACKUP)
    this.watch.restored()
    this.shadow.restore()
    this.#tokens = new Map(this.#backup)
    return true
  }

  async empty(): Promise<void> {
    await this.watch.check()
    await this.#parts.system.reset()
    this.watch.restored()
    this.shadow.empty()
  }

  state(): Promise<WorkspaceState> {
    return this.#parts.system.state()
  }

  settled(): Promise<void> {
    return this.#parts.work.settled()
  }

  /** The proxy handles tokens, so it resolves their devices. */
  #session(token: string | undefined): ServerAnswer {
    const known = this.#tokens.get(token ?? '')
    const refused = refusedBefore(known, this.#maxRecords, undefined)
    if (refused || !known) return refusalAnswer(refused ?? refusedCredential('invalid'), this.#now(), 0)
    const workspace = { workspaceId: 'ws_home', workspaceUid: WORKSPACE_UID, name: 'Field', timeZone: 'UTC' }
    const session = { contractVersion: CONTRACT_VERSION, workspace, deviceId: known.deviceId }
    return { status: 200, headers: { [CONTRACT_HEADER]: CONTRACT_VERSION }, body: JSON.stringify(session) }
  }

  async #answer(token: string | undefined, call: WireCall): Promise<ServerAnswer> {
    const parsed = parseSyncBatch(JSON.parse(call.text))
    const known = this.#tokens.get(token ?? '')
    const refused = refusedBefore(known, this.#maxRecords, parsed.ok ? parsed.value : undefined)
    if (refused || !known) return refusalAnswer(refused ?? refusedCredential('invalid'), this.#now(), 0)
    if (parsed.ok && numberOfRecords(parsed.value) > 0) {
      if (this.#now() < this.#failsUntil) return refusalAnswer({ code: 'INTERNAL_ERROR' }, this.#now(), 0)
      const poisoned = poisonAnswer(parsed.value, this.#now())
      if (poisoned) return poisoned
    }
    try {
      const answer = await this.#forward(known.deviceId, call)
      if (!answer) throw new NoAnswer()
      if (parsed.ok) await this.watch.answered(parsed.value, answer)
      return answer
    } catch (error) {
      // Whatever fails on this side of the proxy, the device sees an unreachable server.
      if (!(error instanceof NoAnswer)) this.watch.findings.push(`server: no answer: ${String(error)}`)
      throw new NoAnswer()
    }
  }

  /** The call reaches the real server, and may be the last one that does. */
  async #send(deviceId: string, call: WireCall): Promise<ServerAnswer | undefined> {
    const { system } = this.#parts
    const kill = this.#nextKill
    this.#nextKill = undefined
    const answer = await system.send(deviceId, call, kill)
    const batch = { deviceId, key: call.headers['idempotency-key'] ?? '', body: call.text }
    // A server without a database reports that, and what it had started may have taken effect or not.
    if (answer === undefined || answer.status === 503) await this.#unheard(batch)
    else this.watch.findings.push(...this.shadow.compare(batch, answer))
    if (kill) await this.watch.check()
    return answer
  }

  /** Determines the outcome of a call that got no answer, and checks it as if the answer had been received. */
  async #unheard(batch: ServedBatch): Promise<void> {
    const stored = await this.#parts.system.storedAnswer(batch.deviceId, batch.key)
    this.watch.findings.push(...this.shadow.unheard(batch, stored))
    const parsed = parseSyncBatch(JSON.parse(batch.body))
    if (stored === undefined || !parsed.ok) return
    await this.watch.answered(parsed.value, { status: 200, headers: {}, body: stored })
  }
}

/** The proxy's own answers. */
function refusedBefore(
  known: Token | undefined,
  maxRecords: number,
  batch: SyncBatchRequest | undefined,
): Refused | undefined {
  if (!known) return refusedCredential('invalid')
  if (known.expired) return refusedCredential('expired')
  if (!batch) return undefined
  if (numberOfRecords(batch) <= maxRecords) return undefined
  return { code: 'PAYLOAD_TOO_LARGE', details: { maxBytes: 8 * 1024 * 1024, maxRecords } }
}

const numberOfRecords = ({ upserts }: SyncBatchRequest): number =>
  Object.values(upserts).reduce((sum, records) => sum + records.length, 0)
