import type { EngineEvent, LocalStore, SyncEngine, Transport } from '@fieldsync/sync-engine'
import { MemoryDisk, type MemoryStore, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'

import type { SeededRandom } from '../../seeded-random.ts'
import type { LinkFault } from '../link/link-fault.ts'
import { type DeviceCopy, readDeviceCopy } from '../state/device-copy.ts'
import { SkewedClock, type VirtualClock } from '../time/virtual-clock.ts'
import { DeviceProcess } from './device-process.ts'
import { FIELD, type FieldServer } from './field-server.ts'
import { LINK_TIMEOUT } from './generate-field-script.ts'
import { WireWatch } from './wire-watch.ts'
import { WriteBook } from './write-book.ts'

/** How a planted bug changes what an engine works with. */
export type BreakDevice = {
  readonly transport?: (transport: Transport) => Transport
  readonly store?: (store: LocalStore) => LocalStore
}

export type FieldDeviceOptions = {
  readonly deviceId: string
  readonly clock: VirtualClock
  readonly server: FieldServer
  readonly rng: SeededRandom
  readonly pageRecords: number
  readonly batchRecords: number
  readonly breaks: BreakDevice | undefined
}

const REBOOT = 5_000
const LATENCY = 50
// Many times what an engine writes between two things that take time.
const MOST_COMMITS_AT_ONCE = 500

/** A phone of the simulation: what outlives its program, and the program that runs on it. */
export class FieldDevice {
  readonly deviceId: string
  readonly clock: SkewedClock
  readonly rng: SeededRandom
  readonly book = new WriteBook()
  readonly wire = new WireWatch()
  readonly findings: string[] = []
  faultsMet = 0
  crashes = 0
  readonly #options: FieldDeviceOptions
  readonly #disk = new MemoryDisk()
  readonly #networkListeners = new Set<(online: boolean) => void>()
  #faults: LinkFault[] = []
  #token: string
  #online = true
  #process: DeviceProcess | undefined
  #store: MemoryStore | undefined
  /** Commits until the program dies at one; 0 where it is not to. */
  #commitsToLive = 0
  #lastCommit = { at: 0, commits: 0 }

  constructor(options: FieldDeviceOptions) {
    this.#options = options
    this.deviceId = options.deviceId
    this.rng = options.rng
    this.clock = new SkewedClock(options.clock)
    this.#token = options.server.enrol(options.deviceId)
    this.#disk.atCommit = ({ store }) => this.#atCommit(store)
  }

  /** The engine of the program that runs; undefined while none does. */
  get engine(): SyncEngine | undefined {
    return this.#process?.alive ? this.#process.engine : undefined
  }

  /** Starts the program on the disk as it is. */
  async boot(): Promise<void> {
    if (this.engine) return
    const { clock, server, breaks } = this.#options
    const memory = await openMemoryStore(this.#disk)
    this.#store = memory
    const link = server.connect({
      clock,
      token: () => this.#token,
      nextFault: () => this.#nextFault(),
      latency: LATENCY,
      timeout: LINK_TIMEOUT,
    })
    const watched = this.wire.watch(link, () => process.alive)
    const process: DeviceProcess = new DeviceProcess({
      ...this.#options,
      clock: this.clock,
      store: breaks?.store?.(memory) ?? memory,
      transport: breaks?.transport?.(watched) ?? watched,
      connectivity: { isOnline: () => this.#online, onChange: (listener) => this.#onNetwork(listener) },
      credentials: { renew: () => this.#renew() },
      onEvent: (event) => this.#hear(event),
    })
    this.#process = process
    process.engine.start()
  }

  setOnline(online: boolean): void {
    if (this.#online === online) return
    this.#online = online
    for (const listener of this.#networkListeners) listener(online)
  }

  meetFaults(faults: readonly LinkFault[]): void {
    this.#faults.push(...faults)
  }

  expireToken(): void {
    this.#options.server.expireToken(this.#token)
  }

  /** The program dies at one of the next moments before or after a commit; at once if `commits` is 0. */
  crash(commits: number): void {
    if (commits === 0) this.#die()
    else this.#commitsToLive = commits
  }

  /** Nothing more goes wrong. */
  heal(): void {
    this.#faults = []
    this.#commitsToLive = 0
    this.setOnline(true)
  }

  /** What it keeps, read past its program. */
  async copy(): Promise<DeviceCopy> {
    const store = await openMemoryStore(this.#disk)
    const copy = await readDeviceCopy(store, this.deviceId, FIELD)
    await store.close()
    return copy
  }

  #atCommit(store: MemoryStore): void {
    if (store !== this.#store) return
    const at = this.#options.clock.now()
    this.#lastCommit = { at, commits: this.#lastCommit.at === at ? this.#lastCommit.commits + 1 : 1 }
    if (this.#lastCommit.commits > MOST_COMMITS_AT_ONCE) {
      // It would never come to a promise that waits for time, and nothing else on this machine would ever run.
      this.findings.push(`G10: ${this.deviceId} writes without end`)
      this.#end()
    } else if (this.#commitsToLive > 0 && --this.#commitsToLive === 0) this.#die()
  }

  #die(): void {
    if (!this.engine) return
    this.crashes++
    this.#end()
    this.#options.clock.after(REBOOT, () => void this.boot())
  }

  #end(): void {
    this.#commitsToLive = 0
    this.#networkListeners.clear()
    this.#process?.die()
    this.#store?.crash()
  }

  #nextFault(): LinkFault | undefined {
    const fault = this.#faults.shift()
    if (fault) this.faultsMet++
    return fault
  }

  #renew(): Promise<boolean> {
    this.#token = this.#options.server.newToken(this.deviceId)
    return Promise.resolve(true)
  }

  #onNetwork(listener: (online: boolean) => void): () => void {
    this.#networkListeners.add(listener)
    return () => this.#networkListeners.delete(listener)
  }

  #hear(event: EngineEvent): void {
    if (event.kind === 'drift') this.findings.push(`G3: the copy of ${this.deviceId} drifted`)
  }
}
