import type { EngineContext } from '../core/engine-context.ts'
import { queueNumbers, readMeta } from '../core/engine-meta.ts'
import type { SyncEngineOptions } from '../core/engine-options.ts'
import type { EngineState, EngineStatus, Progress, StateEffect, StateEvent } from '../core/engine-status.ts'
import { ForeignStoreError } from '../core/foreign-store.ts'
import { backoff, eitherAborts } from '../push/wait.ts'
import { runSync } from './run-sync.ts'
import { transition } from './state-machine.ts'
import type { SyncOutcome } from './sync-run.ts'

// What starts a sync without a person: a server that asked to be left alone is, until its time has come.
const AUTOMATIC: ReadonlySet<StateEvent> = new Set(['online', 'foreground', 'poke'])

// How soon to try the lock again while another tab or process syncs.
const LOCKED_DELAY_MS = 5_000
// The wait after a deferred run doubles up to this.
const LONGEST_DEFERRAL_MS = 15 * 60_000

const NO_PROBLEM = { problem: null, problemDetail: null } as const

/** Carries out what the state machine says: one sync run at a time, and one timer for the next. */
export class SyncDriver {
  readonly #options: SyncEngineOptions
  readonly #context: EngineContext
  readonly #onChange: (change: Partial<EngineStatus>) => void
  #state: EngineState = 'idle'
  #running: Promise<void> = Promise.resolve()
  #abort: AbortController | null = null
  #again = false
  #failures = 0
  #cancelRetry: (() => void) | null = null
  /** The server's own wish: nothing but a person asks it before this time. */
  #notBefore = 0
  /** When another tab was found at it, while a look whether it is done is due. */
  #heldSince: number | null = null

  constructor(
    options: SyncEngineOptions,
    context: EngineContext,
    onChange: (change: Partial<EngineStatus>) => void,
  ) {
    this.#options = options
    this.#context = context
    this.#onChange = onChange
  }

  get state(): EngineState {
    return this.#state
  }

  /** Resolves when no sync run is active any more, one that follows at once included. */
  async settled(): Promise<void> {
    let running: Promise<void> | undefined
    while (running !== this.#running) {
      running = this.#running
      await running
    }
  }

  handle(event: StateEvent): void {
    if (
      AUTOMATIC.has(event) &&
      this.#state === 'sync_deferred' &&
      this.#context.clock.now() < this.#notBefore
    )
      return
    this.#move(event)
  }

  #move(event: StateEvent): void {
    const before = this.#state
    const { state, effects } = transition(before, event)
    this.#state = state
    if (state !== before) {
      this.#onChange({ state, ...(state === 'syncing' && NO_PROBLEM) })
      this.#context.emit({ kind: 'stateChanged', from: before, to: state })
    }
    for (const effect of effects) this.#carryOut(effect)
  }

  #carryOut(effect: StateEffect): void {
    switch (effect) {
      case 'start':
        this.#start()
        return
      case 'start_again':
        this.#again = true
        return
      case 'abort':
        this.#again = false
        this.#abort?.abort(new Error('the sync was given up'))
        this.#abort = null
        return
      case 'retry_soon':
        this.#armRetry(LOCKED_DELAY_MS, this.#context.clock.now())
        return
      case 'cancel_retry':
        this.#disarmRetry()
        return
    }
  }

  #start(): void {
    const abort = new AbortController()
    this.#abort = abort
    this.#again = false
    const heldSince = this.#heldSince
    this.#heldSince = null
    const before = this.#running
    this.#running = before
      .then(() => this.#run(abort, heldSince))
      .catch((error: unknown) => this.#fail(error))
  }

  /** A mistake in an adapter ends a sync run, and not all syncing. */
  #fail(error: unknown): void {
    this.#options.onListenerError?.(error)
    this.#onChange({ problem: error instanceof Error ? error.message : String(error), progress: null })
    if (this.#state === 'syncing') this.#move('failed')
  }

  async #run(abort: AbortController, heldSince: number | null): Promise<void> {
    if (abort.signal.aborted) return
    this.#onChange({ progress: { sent: 0, received: 0 } })
    const spared = heldSince !== null && (await this.#isSyncedSince(heldSince))
    const end: SyncOutcome = spared ? { event: 'done' } : await this.#runSync(abort)
    if (end.event === 'lock_held') await this.#recount()
    this.#onChange({ progress: null })
    // One that was given up has nothing to say: the state has moved on.
    if (this.#abort !== abort) return
    this.#abort = null
    this.#onEnd(end)
    if (this.#again && end.event === 'done') this.#move('retry_due')
    if (end.event === 'deferred' && this.#isOffline()) this.#move('went_offline')
  }

  // An adapter that fails to say must not stop the engine.
  #isOffline(): boolean {
    try {
      return this.#options.connectivity?.isOnline() === false
    } catch {
      return false
    }
  }

  /** Another tab has synced meanwhile, and that is as good as ours. */
  async #isSyncedSince(heldSince: number): Promise<boolean> {
    const [queue, position] = await this.#recount()
    return queue?.pending === 0 && (position?.lastSyncAt ?? 0) >= heldSince
  }

  /** What another tab has done: an engine that was not started does not listen to the store. */
  async #recount() {
    const [queue, position] = await this.#options.store
      .read((transaction) => readMeta(transaction, ['queue', 'position']))
      .catch(() => [])
    if (queue && position) this.#context.stored(queueNumbers(queue), position)
    return [queue, position] as const
  }

  async #runSync({ signal }: AbortController): Promise<SyncOutcome> {
    const { store, transport, random, credentials, device } = this.#options
    const onProgress = (progress: Progress) => this.#onChange({ progress })
    try {
      const locked = await store.exclusively((lost) => {
        const either = eitherAborts(signal, lost)
        return runSync({
          context: this.#context,
          transport,
          random,
          credentials,
          device,
          signal: either,
          onProgress,
        }).catch((error: unknown) => {
          if (lost.aborted) return { event: 'lock_held' } as const
          throw error
        })
      })
      return locked.ran ? locked.value : { event: 'lock_held' }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return error instanceof ForeignStoreError
        ? { event: 'failed', code: null, reason }
        : { event: 'deferred', reason, retryAfterMs: null }
    }
  }

  #onEnd(end: SyncOutcome): void {
    switch (end.event) {
      case 'done':
        this.#failures = 0
        this.#onChange(NO_PROBLEM)
        break
      case 'deferred':
        if (end.progressed === true) this.#failures = 0
        this.#defer(end.reason, end.retryAfterMs)
        break
      case 'auth_required':
        this.#onChange({ problem: end.reason })
        this.#context.emit({ kind: 'authRequired', action: end.action })
        break
      case 'failed':
        this.#onFailed(end)
        break
      case 'lock_held':
        break
    }
    this.#move(end.event)
  }

  #onFailed({ code, reason, detail }: Extract<SyncOutcome, { event: 'failed' }>): void {
    this.#onChange({ problem: reason, problemDetail: detail ?? null })
    this.#context.emit({ kind: 'failed', code, message: reason, ...(detail && { detail }) })
  }

  #defer(reason: string, retryAfterMs: number | null): void {
    const { settings, clock } = this.#context
    const { firstDeferral } = settings
    const least = Math.min(firstDeferral, 1_000)
    const wait =
      (retryAfterMs ?? 0) +
      least +
      backoff(this.#options.random, this.#failures++, firstDeferral, LONGEST_DEFERRAL_MS)
    const now = clock.now()
    this.#notBefore = retryAfterMs === null ? 0 : now + retryAfterMs
    const nextTryAt = this.#armRetry(wait)
    this.#onChange({ problem: reason })
    this.#context.emit({ kind: 'deferred', reason, nextTryAt })
  }

  #armRetry(milliseconds: number, heldSince: number | null = null): number {
    this.#disarmRetry()
    const nextTryAt = this.#context.clock.now() + milliseconds
    this.#cancelRetry = this.#context.clock.after(milliseconds, () => {
      this.#cancelRetry = null
      this.#onChange({ nextTryAt: null })
      this.#heldSince = heldSince
      this.#move('retry_due')
    })
    this.#onChange({ nextTryAt })
    return nextTryAt
  }

  #disarmRetry(): void {
    if (this.#cancelRetry === null) return
    this.#cancelRetry()
    this.#cancelRetry = null
    this.#onChange({ nextTryAt: null })
  }
}
