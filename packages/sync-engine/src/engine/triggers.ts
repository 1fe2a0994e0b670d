import type { EngineContext } from '../core/engine-context.ts'
import type { SyncEngineOptions } from '../core/engine-options.ts'
import type { Trigger } from './state-machine.ts'

// A local write starts a sync after so long without another.
const WRITE_DELAY_MS = 2_000

/** What starts a sync without a person: writes, time, the network, the server's poke, another tab. */
export class Triggers {
  readonly #options: SyncEngineOptions
  readonly #context: EngineContext
  readonly #handle: (trigger: Trigger) => void
  #ends: (() => void)[] = []
  #started = false
  #cancelWrite: (() => void) | null = null
  #recounting = false
  #recountAgain = false

  constructor(options: SyncEngineOptions, context: EngineContext, handle: (trigger: Trigger) => void) {
    this.#options = options
    this.#context = context
    this.#handle = handle
  }

  /** @param recount called after a write to the store, by this tab or another */
  start(recount: () => Promise<void>): void {
    if (this.#started) return
    this.#started = true
    const { connectivity, poke, store } = this.#options
    this.#ends = [
      store.onChange(() => {
        this.#context.emit({ kind: 'storeChanged' })
        void this.#recount(recount)
      }),
      this.#everyInterval(),
      ...(poke ? [poke.subscribe(() => this.#handle('poke'))] : []),
      ...(connectivity
        ? [connectivity.onChange((online) => this.#handle(online ? 'online' : 'went_offline'))]
        : []),
    ]
    void this.#recount(recount)
    this.#handle(connectivity?.isOnline() === false ? 'went_offline' : 'foreground')
  }

  stop(): void {
    this.#started = false
    for (const end of this.#ends) end()
    this.#ends = []
    this.#cancelWrite?.()
    this.#cancelWrite = null
  }

  /** Passes a write's outcome on; where it was stored, a sync follows when no other write comes for a while. */
  async afterWrite<T extends { ok: boolean }>(write: Promise<T>): Promise<T> {
    const outcome = await write
    if (outcome.ok && this.#started) {
      this.#cancelWrite?.()
      this.#cancelWrite = this.#context.clock.after(WRITE_DELAY_MS, () => {
        this.#cancelWrite = null
        this.#handle('local_write')
      })
    }
    return outcome
  }

  /** One at a time: of a burst of changes only the last has to be counted. */
  async #recount(recount: () => Promise<void>): Promise<void> {
    this.#recountAgain = this.#recounting
    if (this.#recounting) return
    this.#recounting = true
    do {
      this.#recountAgain = false
      // A store that cannot be read now is read at its next change.
      await recount().catch(() => undefined)
    } while (this.#recountAgain)
    this.#recounting = false
  }

  #everyInterval(): () => void {
    const { clock, settings } = this.#context
    let cancel: () => void = () => undefined
    const arm = () => {
      cancel = clock.after(settings.interval, () => {
        arm()
        this.#handle('timer')
      })
    }
    arm()
    return () => cancel()
  }
}
