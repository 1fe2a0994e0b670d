import type { EngineContext } from '../core/engine-context.ts'
import { queueNumbers, readMeta } from '../core/engine-meta.ts'
import type { SyncEngineOptions } from '../core/engine-options.ts'
import type { EngineStatus, Progress } from '../core/engine-status.ts'
import { ForeignStoreError } from '../core/foreign-store.ts'
import { backoff, eitherAborts } from '../push/wait.ts'
import { runSync } from './run-sync.ts'
import {
  afterRun,
  INITIAL_STATE,
  type MachineState,
  paused,
  retryAt,
  statusOf,
  transition,
  type Trigger,
} from './state-machine.ts'
import type { SyncOutcome } from './sync-run.ts'

// The wait after a deferred run doubles up to this.
const LONGEST_DEFERRAL_MS = 15 * 60_000

/**
 * Carries out the state machine: a run starts on entering `syncing`, is aborted where a trigger leaves it, and one timer
 * waits for the retry that a state names.
 */
export class SyncDriver {
  readonly #options: SyncEngineOptions
  readonly #context: EngineContext
  readonly #onChange: (change: Partial<EngineStatus>) => void
  #state: MachineState = INITIAL_STATE
  #running: Promise<void> = Promise.resolve()
  #abort: AbortController | null = null
  #cancelRetry: (() => void) | null = null

  constructor(
    options: SyncEngineOptions,
    context: EngineContext,
    onChange: (change: Partial<EngineStatus>) => void,
  ) {
    this.#options = options
    this.#context = context
    this.#onChange = onChange
  }

  /** Resolves when no sync run is active any more, one that follows at once included. */
  async settled(): Promise<void> {
    let running: Promise<void> | undefined
    while (running !== this.#running) {
      running = this.#running
      await running
    }
  }

  handle(trigger: Trigger): void {
    const now = this.#context.clock.now()
    const before = this.#state
    this.#enter(transition(before, trigger, now), now)
    if (before.kind === this.#state.kind) return
    if (before.kind === 'syncing') {
      this.#abort?.abort(new Error('the sync was given up'))
      this.#abort = null
    }
    if (this.#state.kind === 'syncing') this.#start(this.#state.heldSince)
  }

  #enter(state: MachineState, now: number): void {
    const before = this.#state
    if (state === before) return
    this.#state = state
    const due = retryAt(state)
    if (due !== retryAt(before)) {
      this.#cancelRetry?.()
      this.#cancelRetry =
        due === null ? null : this.#context.clock.after(due - now, () => this.handle('retry_due'))
    }
    this.#onChange(statusOf(state))
    if (state.kind !== before.kind)
      this.#context.emit({ kind: 'stateChanged', from: before.kind, to: state.kind })
  }

  #start(heldSince: number | null): void {
    const abort = new AbortController()
    this.#abort = abort
    const before = this.#running
    this.#running = before
      .then(() => this.#run(abort, heldSince))
      .catch((error: unknown) => this.#fail(error))
  }

  /** A mistake in an adapter ends a sync run, and not all syncing. */
  #fail(error: unknown): void {
    this.#options.onListenerError?.(error)
    this.#onChange({ progress: null })
    const reason = error instanceof Error ? error.message : String(error)
    this.#end({ event: 'failed', code: null, reason })
  }

  async #run(abort: AbortController, heldSince: number | null): Promise<void> {
    if (abort.signal.aborted) return
    this.#onChange({ progress: { sent: 0, received: 0 } })
    const spared = heldSince !== null && (await this.#isSyncedSince(heldSince))
    const outcome: SyncOutcome = spared ? { event: 'done' } : await this.#runSync(abort)
    if (outcome.event === 'lock_held') await this.#recount()
    this.#onChange({ progress: null })
    // One that was given up has nothing to report: the state has moved on.
    if (this.#abort !== abort) return
    this.#abort = null
    const isFollowed = this.#state.kind === 'syncing' && this.#state.again
    this.#end(outcome)
    if (isFollowed && outcome.event === 'done') this.handle('retry_due')
    if (outcome.event === 'deferred' && this.#isOffline()) this.handle('went_offline')
  }

  /** Enters the state that follows a run, and reports what a person or a program may have to act on. */
  #end(outcome: SyncOutcome): void {
    const { clock, settings, emit } = this.#context
    const { firstDeferral } = settings
    const wait = (failures: number) =>
      Math.min(firstDeferral, 1_000) +
      backoff(this.#options.random, failures, firstDeferral, LONGEST_DEFERRAL_MS)
    const now = clock.now()
    const next = afterRun(this.#state, outcome, now, wait)
    if (next === this.#state) return
    this.#enter(next, now)
    if (next.kind === 'sync_deferred') {
      emit({ kind: 'deferred', reason: next.problem, nextTryAt: next.until })
    } else if (outcome.event === 'auth_required') {
      emit({ kind: 'authRequired', action: outcome.action })
    } else if (outcome.event === 'failed') {
      const { code, reason, detail } = outcome
      emit({ kind: 'failed', code, message: reason, ...(detail && { detail }) })
    }
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
    const last = position?.lastSyncAt ?? 0
    // One in the future was before the clock was set back.
    return queue?.pending === 0 && last >= heldSince && last <= this.#context.clock.now()
  }

  /** What another tab has done: an engine that was not started does not listen to the store. */
  async #recount() {
    const [queue, position] = await this.#options.store
      .read((transaction) => readMeta(transaction, ['queue', 'position']))
      .catch(() => [])
    if (queue && position) this.#context.stored(queueNumbers(queue), position)
    return [queue, position] as const
  }

  async #runSync(abort: AbortController): Promise<SyncOutcome> {
    const { signal } = abort
    const { store, transport, random, credentials, device, onWipe } = this.#options
    const onProgress = (progress: Progress) => this.#onChange({ progress })
    // This run waits for its end; one that follows it, if this is given up, has to wait as well.
    const onRetryAfter = (retryAfterMs: number, problem: string) => {
      if (this.#abort !== abort) return
      this.#state = paused(this.#state, this.#context.clock.now(), { retryAfterMs, problem })
    }
    try {
      const locked = await store.exclusively((lost) => {
        const either = eitherAborts(signal, lost)
        return runSync({
          context: this.#context,
          transport,
          random,
          credentials,
          device,
          onWipe,
          signal: either,
          onProgress,
          onRetryAfter,
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
}
