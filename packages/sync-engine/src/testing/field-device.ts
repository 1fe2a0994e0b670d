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
import { testIds } from './test-ids.ts'
import type { VirtualClock } from './virtual-clock.ts'

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
      clock: this.clock,
      ids: testIds(this.random, () => this.clock.now()),
      random: { next: () => this.random.fraction() },
      sha256,
      device: () => Device.parse(device({ deviceId: this.deviceId })),
      ...this.#options,
    })
    engine.subscribe((event) => this.events.push(event))
    return engine
  }

  /** A new draft of this device, as of now. */
  note(overrides: Partial<ObservationInput> = {}): ObservationInput {
    const createdAt = new Date(this.clock.now()).toISOString()
    return observation(
      { deviceId: this.deviceId, createdAt, updatedAt: createdAt, ...overrides },
      this.random,
    )
  }

  advice(overrides: Partial<RecommendationInput> = {}): RecommendationInput {
    const generatedAt = new Date(this.clock.now()).toISOString()
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
      // Lets everything run that does not wait for the clock.
      await new Promise((resolve) => setImmediate(resolve))
      if (!run.ended && this.clock.next !== null) this.clock.advance(this.clock.next - this.clock.now())
    }
    await syncing
  }

  /** The batches that were sent, as the server reads them. */
  get sent(): SyncBatchRequest[] {
    return this.link.calls.map(({ body }) => JSON.parse(body) as SyncBatchRequest)
  }

  /** How far the device has come, as it is stored. */
  get position(): Position {
    return this.disk.tables.values.get('position') as Position
  }

  eventsOf<K extends EngineEvent['kind']>(kind: K): Extract<EngineEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<EngineEvent, { kind: K }> => event.kind === kind)
  }
}
