import { Device, DeviceId, Observation, type SyncBatchRequest } from '@fieldsync/contracts'
import type { Role } from '@fieldsync/domain'
import {
  createSyncEngine,
  type EngineEvent,
  type LocalStore,
  type SyncEngine,
  type SyncEngineOptions,
  type WriteTransaction,
} from '@fieldsync/sync-engine'
import { MemoryDisk, type MemoryStore, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { type DiskTables, diskTables, type Position, storeFindings } from '@fieldsync/sync-engine/testing'
import {
  device,
  observation,
  type ObservationInput,
  recommendation,
  type RecommendationInput,
  seededRandom,
  type SeededRandom,
  sha256,
} from '@fieldsync/testkit'

import { ScriptedLink } from '../../link/scripted-link.ts'
import { settled, type VirtualClock } from '../../time/virtual-clock.ts'
import { HeldByProgram } from '../../world/held-by-program.ts'
import { seededIds } from '../../world/seeded-ids.ts'
import type { TestServer } from './test-server.ts'

/** The device's process died: nothing that it was asked for is answered. */
export class Crash extends Error {}

type DeviceSetup = {
  server: TestServer
  name: string
  clock: VirtualClock
  options: Partial<SyncEngineOptions>
}

/** A phone of a test: a real engine on a store in memory, with a clock and a link that the test moves. */
export class TestDevice {
  readonly deviceId: DeviceId
  readonly clock: VirtualClock
  readonly disk = new MemoryDisk()
  readonly link: ScriptedLink
  readonly random: SeededRandom
  readonly events: EngineEvent[] = []
  /** The credential that goes with its calls: the id of a device. */
  token: string
  /** How far the device's own clock is off, in milliseconds. */
  skew = 0
  isDead = false
  readonly #server: TestServer
  readonly #options: Partial<SyncEngineOptions>
  #running: { store: MemoryStore; engine: SyncEngine } | null = null
  /** What the engines hold that run on a living store. */
  readonly #held = new Map<SyncEngine, HeldByProgram>()
  #death = deathOf()

  private constructor({ server, name, clock, options }: DeviceSetup) {
    this.deviceId = DeviceId.parse(`dev_${name}`)
    this.token = this.deviceId
    server.enrol(this.deviceId)
    this.#server = server
    this.clock = clock
    this.random = seededRandom([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7))
    this.link = new ScriptedLink(server, () => this.token)
    this.#options = options
  }

  static async open(setup: DeviceSetup): Promise<TestDevice> {
    const opened = new TestDevice(setup)
    await opened.restart()
    return opened
  }

  get store(): MemoryStore {
    return this.#runs().store
  }

  get engine(): SyncEngine {
    return this.#runs().engine
  }

  #runs() {
    if (!this.#running) throw new Error('the device was not opened')
    return this.#running
  }

  /** Dies as by kill -9. */
  die(): void {
    this.#crash()
    this.isDead = true
    this.#death.reject(new Crash('the process died'))
  }

  /** Dies before or after a commit: 0 is the next one. */
  crashAt(commitsFromNow: number, when: 'before' | 'after'): void {
    const doomed = this.disk.commits + 1 + commitsFromNow
    this.disk.atCommit = (point) => {
      if (point.store === this.store && point.commit === doomed && point.when === when) this.die()
    }
  }

  /** What was asked for, or a {@link Crash} when the process dies meanwhile. */
  orDie<T>(asked: Promise<T>): Promise<T> {
    return Promise.race([asked, this.#death.happened])
  }

  /** The process dies, if it lives, and comes back on the same disk. */
  async restart(): Promise<void> {
    if (this.#running) this.#crash()
    this.disk.atCommit = () => undefined
    this.isDead = false
    this.#death = deathOf()
    const store = await openMemoryStore(this.disk)
    this.#running = { store, engine: this.#engineOn(store) }
  }

  #crash(): void {
    this.store.crash()
    this.#held.delete(this.engine)
  }

  /** Stops what runs. @returns what is left of it, which must be nothing (ENG-21) */
  async end(): Promise<string[]> {
    const left: string[] = []
    for (const [engine, held] of this.#held) {
      await engine.stop()
      left.push(...held.all)
    }
    return left
  }

  /**
   * A second tab on the same store.
   * @param options of its own, on top of the device's
   * @param wraps what it sees of the store, as another build may
   */
  async anotherTab(
    options: Partial<SyncEngineOptions> = {},
    wraps = (store: LocalStore): LocalStore => store,
  ): Promise<SyncEngine> {
    return this.#engineOn(await openMemoryStore(this.disk), options, wraps)
  }

  #engineOn(
    store: MemoryStore,
    options: Partial<SyncEngineOptions> = {},
    wraps = (seen: LocalStore): LocalStore => seen,
  ): SyncEngine {
    const held = new HeldByProgram()
    const { connectivity, poke, ...others } = { ...this.#options, ...options }
    const clock = {
      now: () => this.now,
      after: (wait: number, ring: () => void) => this.clock.after(wait, ring),
    }
    const engine = createSyncEngine({
      transport: held.transport(this.link),
      clock: held.clock(clock),
      ...(connectivity && { connectivity: held.connectivity(connectivity) }),
      ...(poke && { poke: held.poke(poke) }),
      ids: seededIds(this.random, { now: () => this.now }),
      random: { next: () => this.random.fraction() },
      sha256,
      device: () => Device.parse(device({ deviceId: this.deviceId })),
      ...others,
      store: held.store(wraps(others.store ?? store)),
    })
    this.#held.set(engine, held)
    engine.subscribe((event) => this.events.push(event))
    return engine
  }

  /** Gives the device another role on its server. */
  become(role: Role): void {
    this.#server.model.setRole(this.#server.workspaceId, this.deviceId, role)
  }

  /** The time that the device believes. */
  get now(): number {
    return this.clock.now() + this.skew
  }

  /** A new draft of this device, as of now. */
  note(overrides: Partial<ObservationInput> = {}): ObservationInput {
    const createdAt = new Date(this.now).toISOString()
    return observation(
      { deviceId: this.deviceId, createdAt, updatedAt: createdAt, ...overrides },
      this.random,
    )
  }

  advice(overrides: Partial<RecommendationInput> = {}): RecommendationInput {
    const generatedAt = new Date(this.now).toISOString()
    return recommendation({ generatedAt, updatedAt: generatedAt, ...overrides }, this.random)
  }

  /** Saves a new draft and says which one. */
  async saved(overrides: Partial<ObservationInput> = {}): Promise<Observation> {
    const outcome = await this.engine.saveObservation(this.note(overrides))
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.issues))
    return outcome.record.local ?? Observation.parse(null)
  }

  /** Syncs, and moves the clock on while the engine waits; ends when the process dies, too. */
  async sync(): Promise<void> {
    const run = { ended: false }
    const ends = () => {
      run.ended = true
    }
    const syncing = this.orDie(this.engine.sync()).then(ends, ends)
    while (!run.ended) {
      await settled()
      if (!run.ended) this.clock.step()
    }
    await syncing
  }

  /** A sync that takes over what others changed and whose first sending fails; writes are made just before that. */
  async pullWhileHolding(writes: () => Promise<void>): Promise<void> {
    this.link.next(async (answer) => {
      await writes()
      return answer
    })
    // What was written meanwhile is not let out.
    this.link.next('unsent', 'unsent', 'unsent')
    await this.sync()
    this.link.clear()
  }

  /** What was started goes on as far as it comes without the clock. */
  async ended(): Promise<void> {
    for (let turns = 0; turns < 200; turns++) await settled()
  }

  /** The batches that were sent, as the server reads them. */
  get sent(): SyncBatchRequest[] {
    return this.link.calls.map(({ body }) => JSON.parse(body) as SyncBatchRequest)
  }

  /** What lies on the disk. */
  get tables(): DiskTables {
    return diskTables(this.disk)
  }

  /** Changes what lies on the disk, as no engine does. */
  tamper(work: (transaction: WriteTransaction) => Promise<void>): Promise<void> {
    return this.store.write(work)
  }

  /** What does not agree on the disk, between two transactions. */
  findings(): Promise<string[]> {
    return this.disk.queue.run(async () => storeFindings(this.tables))
  }

  /** How far the device has come, as it is stored. */
  get position(): Position {
    return this.tables.values.get('position') as Position
  }

  eventsOf<K extends EngineEvent['kind']>(kind: K): Extract<EngineEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<EngineEvent, { kind: K }> => event.kind === kind)
  }
}

/** A death that can be waited for, and that nobody has to wait for. */
function deathOf() {
  const { promise: happened, reject } = Promise.withResolvers<never>()
  happened.catch(() => undefined)
  return { happened, reject: (crash: Crash) => reject(crash) }
}
