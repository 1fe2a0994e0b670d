import { Device, DeviceId, Observation, type SyncBatchRequest } from '@fieldsync/contracts'
import type { Actor } from '@fieldsync/domain'
import {
  device,
  observation,
  type ObservationInput,
  recommendation,
  type RecommendationInput,
  type SeededRandom,
  seededRandom,
} from '@fieldsync/testkit'

import { createSyncEngine, type SyncEngine } from '../engine/create-sync-engine.ts'
import type { EngineEvent } from '../engine/engine-events.ts'
import type { SyncEngineOptions } from '../engine/engine-options.ts'
import type { Position } from '../model/kept-values.ts'
import { MemoryDisk, MemoryStore } from './memory-store.ts'
import { caller, type RuleServer } from './rule-server.ts'
import { ScriptedLink } from './scripted-link.ts'
import { sha256 } from './sha256.ts'
import { storeFindings } from './store-findings.ts'
import { testIds } from './test-ids.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** Lets everything run that does not wait for the clock. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A phone of a test: a real engine on a store in memory, with a clock and a link that the test moves. */
export class FieldDevice {
  readonly deviceId: DeviceId
  readonly clock: VirtualClock
  readonly disk = new MemoryDisk()
  readonly link: ScriptedLink
  readonly random: SeededRandom
  readonly events: EngineEvent[] = []
  store: MemoryStore
  engine: SyncEngine
  actor: Actor
  /** How far the device's own clock is off, in milliseconds. */
  skew = 0
  readonly #options: Partial<SyncEngineOptions>

  constructor(
    server: RuleServer,
    name: string,
    clock: VirtualClock,
    options: Partial<SyncEngineOptions> = {},
  ) {
    this.deviceId = DeviceId.parse(`dev_${name}`)
    this.actor = caller(this.deviceId)
    this.clock = clock
    this.random = seededRandom([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7))
    this.link = new ScriptedLink(server, () => this.actor)
    this.#options = options
    this.store = new MemoryStore(this.disk)
    this.engine = this.#open(this.store)
  }

  /** The process dies and comes back on the same disk. */
  restart(): void {
    this.store.die()
    this.store = new MemoryStore(this.disk)
    this.engine = this.#open(this.store)
  }

  /** A second tab on the same store. */
  anotherTab(): SyncEngine {
    return this.#open(new MemoryStore(this.disk))
  }

  #open(store: MemoryStore): SyncEngine {
    const engine = createSyncEngine({
      store,
      transport: this.link,
      clock: { now: () => this.now, after: (wait, callback) => this.clock.after(wait, callback) },
      ids: testIds(this.random, () => this.now),
      random: { next: () => this.random.fraction() },
      sha256,
      device: () => Device.parse(device({ deviceId: this.deviceId })),
      ...this.#options,
    })
    engine.subscribe((event) => this.events.push(event))
    return engine
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

  /** Syncs, and moves the clock on while the engine waits. */
  async sync(): Promise<void> {
    const run = { ended: false }
    const syncing = this.engine.sync().finally(() => (run.ended = true))
    while (!run.ended) {
      await turn()
      if (!run.ended && this.clock.next !== null) this.clock.advance(this.clock.next - this.clock.now())
    }
    await syncing
  }

  /** A sync that takes over what others changed and whose first sending is refused; writes are made just before that. */
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
    for (let turns = 0; turns < 200; turns++) await turn()
  }

  /** The batches that were sent, as the server reads them. */
  get sent(): SyncBatchRequest[] {
    return this.link.calls.map(({ body }) => JSON.parse(body) as SyncBatchRequest)
  }

  /** What does not agree in its store, between two transactions. */
  findings(): Promise<string[]> {
    return this.disk.inTurn(async () => storeFindings(this.disk.tables))
  }

  /** How far the device has come, as it is stored. */
  get position(): Position {
    return this.disk.tables.values.get('position') as Position
  }

  eventsOf<K extends EngineEvent['kind']>(kind: K): Extract<EngineEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<EngineEvent, { kind: K }> => event.kind === kind)
  }
}
