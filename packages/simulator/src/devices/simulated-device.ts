import type { Observation, Recommendation } from '@fieldsync/contracts'
import type { EngineEvent, LocalStore, SyncEngine, Transport } from '@fieldsync/sync-engine'
import { MemoryDisk, type MemoryStore, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { diskTables, storeFindings } from '@fieldsync/sync-engine/testing'
import type { SeededRandom } from '@fieldsync/testkit'

import type { LinkFault } from '../link/link-fault.ts'
import { CommittedValues, type DeviceCopy, deviceCopyOf, readDeviceCopy } from '../state/device-copy.ts'
import { SkewedClock, type VirtualClock } from '../time/virtual-clock.ts'
import { DeviceProcess } from './device-process.ts'
import type { DeviceServer, Membership } from './device-server.ts'
import { LINK_TIMEOUT } from './generate-device-script.ts'
import { LiveLine } from './live-line.ts'
import { isPoison } from './poison.ts'
import { WireWatch } from './wire-watch.ts'
import { WriteBook } from './write-book.ts'

/** How a mutant changes what an engine works with. */
export type BreakDevice = {
  readonly transport?: (transport: Transport) => Transport
  readonly store?: (store: LocalStore) => LocalStore
}

export type SimulatedDeviceOptions = {
  readonly deviceId: string
  readonly membership: Membership
  readonly clock: VirtualClock
  readonly server: DeviceServer
  readonly rng: SeededRandom
  readonly pageRecords: number
  readonly batchRecords: number
  /** How long what was acknowledged is sent again by itself; 30 days without. */
  readonly resendsFor: number | undefined
  /** Of its pokes; without, it hears none. */
  readonly pokes: SeededRandom | undefined
  /** Whether what lies in its store is checked at every commit. */
  readonly checksStore: boolean
  readonly breaks: BreakDevice | undefined
}

/** A program that runs on a device, with its own opening of the store. */
type Program = {
  readonly process: DeviceProcess
  readonly store: MemoryStore
  readonly networkListeners: Set<(online: boolean) => void>
}

const REBOOT = 5_000
const LATENCY = 50
// Many times what an engine writes between two things that take time.
const MOST_COMMITS_AT_ONCE = 500
const MOST_TURNS_TO_STOP = 100

/** A phone of the simulation: what outlives its programs, and the one or two that run on it. */
export class SimulatedDevice {
  readonly deviceId: string
  readonly clock: SkewedClock
  readonly rng: SeededRandom
  readonly book = new WriteBook()
  readonly wire: WireWatch
  readonly findings: string[] = []
  /** What a person sees in the form that is open. */
  form: Observation | Recommendation | undefined
  /** Keys of all that it has shown. */
  readonly seen = new Set<string>()
  /** What does not agree in its store, as of the last copy. */
  storeFindings: string[] = []
  faultsSeen = 0
  crashes = 0
  readonly #options: SimulatedDeviceOptions
  readonly #disk = new MemoryDisk()
  readonly #committed = new CommittedValues(this.#disk)
  #faults: LinkFault[] = []
  #token: string
  #online = true
  #bytesPerSecond = Infinity
  #isAway = false
  #programs: Program[] = []
  #isHealed = false
  /** Commits until the program dies that makes it; 0 where none is to. */
  #commitsToLive = 0
  readonly #bornAt: number
  #lastCommit = { at: 0, commits: 0 }
  #lastCopy: { commits: number; copy: DeviceCopy } | undefined

  constructor(options: SimulatedDeviceOptions) {
    this.#options = options
    this.#bornAt = options.clock.now()
    this.deviceId = options.deviceId
    this.rng = options.rng
    this.wire = new WireWatch({ allowsOrphans: options.resendsFor !== undefined })
    this.clock = new SkewedClock(options.clock)
    this.#token = options.server.enroll(options.deviceId, options.membership)
    this.#disk.atCommit = ({ store }) => this.#atCommit(store)
  }

  get membership(): Membership {
    return this.#options.membership
  }

  /** The engine of one of its programs; undefined while none runs. @param pick chooses among them */
  engine(pick = 0): SyncEngine | undefined {
    return this.#programs[pick % Math.max(1, this.#programs.length)]?.process.engine
  }

  /** Starts its program on the disk as it is, unless one runs. */
  async boot(): Promise<void> {
    if (this.#programs.length === 0) await this.#open()
  }

  /** Opens a second tab, or closes the older one of two. */
  async tab(): Promise<void> {
    const [older, ...others] = this.#programs
    if (!older) return
    if (others.length === 0) return await this.#open()
    this.#programs = others
    await this.#close(older)
  }

  /** Its programs are closed, and nothing of them is left. */
  async end(): Promise<string[]> {
    const programs = this.#programs
    this.#programs = []
    for (const program of programs) await this.#close(program)
    const { size } = this.#disk.stores
    if (size > 0)
      this.findings.push(`STO-14: ${this.deviceId} has closed its programs, and ${size} stores are open`)
    return this.findings
  }

  setOnline(online: boolean): void {
    if (this.#online === online) return
    this.#online = online
    for (const { networkListeners } of this.#programs)
      for (const listener of networkListeners) listener(online)
  }

  setSpeed(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond
  }

  meetFaults(faults: readonly LinkFault[]): void {
    this.#faults.push(...faults)
  }

  expireToken(): void {
    this.#options.server.expireToken(this.#token)
  }

  /** The person enters the token of another company, or the own one again. */
  move(away: boolean): void {
    // A store that has met no server yet is the first one's that it meets.
    const isOpen = this.engine()?.status().lastSyncAt == null
    if (this.#isAway === away || (away && isOpen)) return
    this.#isAway = away
    this.#options.server.move?.(this.deviceId, away)
    this.#token = this.#options.server.newToken(this.deviceId)
    for (const { process } of this.#programs) process.engine.credentialsChanged()
  }

  /** A program dies at one of the next moments before or after a commit; all of them at once if `commits` is 0. */
  crash(commits: number): void {
    if (commits === 0) for (const program of this.#programs) this.#die(program)
    else this.#commitsToLive = commits
  }

  /** Nothing more goes wrong; a slow link stays one. */
  heal(): void {
    this.#isHealed = true
    this.move(false)
    this.#faults = []
    this.#commitsToLive = 0
    this.setOnline(true)
  }

  /** What it keeps, read past its program; the same object as long as nothing is committed. */
  async copy(): Promise<DeviceCopy> {
    const { commits } = this.#disk
    const known = this.#lastCopy
    if (known?.commits === commits) return known.copy
    // How far a program that still starts comes before the next step depends on a reading that takes its turn among its
    // transactions. Once time has passed, none runs while this reads.
    const copy = this.#options.clock.now() === this.#bornAt ? await this.#readInTurn() : this.#readCommitted()
    // What was committed while it was read may be in it, or not.
    if (commits === this.#disk.commits) this.#lastCopy = { commits, copy }
    if (this.#options.checksStore) this.storeFindings = storeFindings(diskTables(this.#disk))
    return copy
  }

  async #readInTurn(): Promise<DeviceCopy> {
    const store = await openMemoryStore(this.#disk)
    const copy = await readDeviceCopy(store, this.deviceId, this.membership.workspaceId)
    await store.close()
    return copy
  }

  #readCommitted(): DeviceCopy {
    const committed = this.#committed
    const stored = {
      records: committed.list('records'),
      outbox: committed.list('outbox'),
      conflicts: committed.list('conflicts'),
      queue: committed.list('values').find(([key]) => key === 'queue')?.[1],
    }
    return deviceCopyOf(stored, this.deviceId, this.membership.workspaceId)
  }

  async #open(): Promise<void> {
    const { clock, server, breaks, membership } = this.#options
    const store = await openMemoryStore(this.#disk)
    const networkListeners: Program['networkListeners'] = new Set()
    const link = server.connect({
      clock,
      token: () => this.#token,
      nextFault: () => this.#nextFault(),
      latency: LATENCY,
      timeout: LINK_TIMEOUT,
      bytesPerSecond: () => this.#bytesPerSecond,
    })
    const watched = this.wire.watch(link, () => process.alive)
    const process: DeviceProcess = new DeviceProcess({
      ...this.#options,
      role: membership.role,
      clock: this.clock,
      store: breaks?.store?.(store) ?? store,
      transport: breaks?.transport?.(watched) ?? watched,
      connectivity: {
        isOnline: () => this.#online,
        onChange: (listener) => {
          networkListeners.add(listener)
          return () => networkListeners.delete(listener)
        },
      },
      credentials: { renew: () => this.#renew() },
      poke: this.#liveLine(),
      onEvent: (event) => this.#hear(event),
    })
    this.#programs.push({ process, store, networkListeners })
    process.engine.start()
  }

  #liveLine(): LiveLine | undefined {
    const { deviceId, server, clock, pokes: rng } = this.#options
    if (!rng) return undefined
    const isFaulty = () => !this.#isHealed
    return new LiveLine({ deviceId, server, clock, rng, isFaulty, isOnline: () => this.#online })
  }

  #atCommit(store: MemoryStore): void {
    const program = this.#programs.find((each) => each.store === store)
    if (!program) return
    const at = this.#options.clock.now()
    this.#lastCommit = { at, commits: this.#lastCommit.at === at ? this.#lastCommit.commits + 1 : 1 }
    if (this.#lastCommit.commits > MOST_COMMITS_AT_ONCE) {
      // It would never come to a promise that waits for time, and nothing else on this machine would ever run.
      this.findings.push(`G10: ${this.deviceId} writes without end`)
      this.#end(program)
    } else if (this.#commitsToLive > 0 && --this.#commitsToLive === 0) this.#die(program)
  }

  #die(program: Program): void {
    this.crashes++
    this.#end(program)
    this.#options.clock.after(REBOOT, () => void this.boot())
  }

  async #close({ process, store }: Program): Promise<void> {
    const stop = { isDone: false }
    void process.engine.stop().then(() => (stop.isDone = true))
    for (let turn = 0; turn < MOST_TURNS_TO_STOP && !stop.isDone; turn++) await this.#options.server.settled()
    const left = [...(stop.isDone ? [] : ['a run']), ...process.held.all]
    if (left.length > 0)
      this.findings.push(`ENG-21: ${this.deviceId} was stopped, and has ${left.join(', ')}`)
    await store.close()
    process.die()
  }

  #end(program: Program): void {
    this.#commitsToLive = 0
    this.#programs = this.#programs.filter((each) => each !== program)
    program.process.die()
    program.store.crash()
  }

  #nextFault(): LinkFault | undefined {
    const fault = this.#faults.shift()
    if (fault) this.faultsSeen++
    return fault
  }

  #renew(): Promise<boolean> {
    this.#token = this.#options.server.newToken(this.deviceId)
    return Promise.resolve(true)
  }

  #hear(event: EngineEvent): void {
    if (event.kind === 'drift') this.findings.push(`G3: the copy of ${this.deviceId} drifted`)
    if (event.kind === 'quarantined' && !isPoison(event.conflict.losing))
      this.findings.push(`ENG-26: ${this.deviceId} quarantined ${event.conflict.entityId}, which is healthy`)
  }
}
