import { Device } from '@fieldsync/contracts'
import type { Role } from '@fieldsync/domain'
import {
  type Clock,
  createSyncEngine,
  type Credentials,
  type Connectivity,
  type EngineEvent,
  type LivePoke,
  type LocalStore,
  type SyncEngine,
  type Transport,
} from '@fieldsync/sync-engine'
import { device, type SeededRandom, sha256 } from '@fieldsync/testkit'

import { HeldByProgram } from '../world/held-by-program.ts'
import { seededIds } from '../world/seeded-ids.ts'

export type ProcessOptions = {
  readonly deviceId: string
  readonly role: Role
  readonly store: LocalStore
  readonly clock: Clock
  readonly transport: Transport
  readonly connectivity: Connectivity
  readonly credentials: Credentials
  readonly poke: LivePoke | undefined
  readonly rng: SeededRandom
  readonly pageRecords: number
  readonly batchRecords: number
  readonly resendsFor: number | undefined
  readonly onEvent: (event: EngineEvent) => void
}

/** One life of a device's program, from its start to its death. */
export class DeviceProcess {
  readonly engine: SyncEngine
  readonly held = new HeldByProgram()
  #alive = true

  constructor(options: ProcessOptions) {
    const { deviceId, store, clock, transport, connectivity, credentials, rng } = options
    const { role, poke, pageRecords, batchRecords, resendsFor } = options
    const { held } = this
    const said = Device.parse(device({ deviceId }))
    this.engine = createSyncEngine({
      store: held.store(store),
      // Nothing of a dead process goes on: it sends nothing, hears nothing, and its timers do not ring.
      transport: held.transport({
        address: transport.address,
        session: (call) => this.#whileAlive(() => transport.session(call)),
        syncBatch: (call) => this.#whileAlive(() => transport.syncBatch(call)),
      }),
      clock: held.clock({
        now: () => clock.now(),
        after: (wait, callback) => clock.after(wait, () => void (this.#alive && callback())),
      }),
      connectivity: held.connectivity(connectivity),
      credentials,
      role,
      ...(poke && { poke: held.poke(poke) }),
      ids: seededIds(rng, clock),
      random: { next: () => rng.fraction() },
      sha256,
      device: () => said,
      settings: { pageRecords, batchRecords, ...(resendsFor !== undefined && { resendLostFor: resendsFor }) },
    })
    this.engine.subscribe((event) => {
      if (this.#alive) options.onEvent(event)
    })
  }

  get alive(): boolean {
    return this.#alive
  }

  die(): void {
    this.#alive = false
  }

  #whileAlive<T>(work: () => Promise<T>): Promise<T> {
    const outcome = Promise.withResolvers<T>()
    if (this.#alive) {
      work().then(
        (value) => void (this.#alive && outcome.resolve(value)),
        (error: unknown) => void (this.#alive && outcome.reject(error)),
      )
    }
    return outcome.promise
  }
}
