import type { EngineEvent } from '../core/engine-events.ts'
import type { Position, QueueNumbers } from '../core/engine-meta.ts'
import type { EngineStatus } from '../core/engine-status.ts'

const AT_REST: EngineStatus = {
  state: 'idle',
  pending: 0,
  conflicts: 0,
  quarantined: 0,
  localOnly: 0,
  lastSyncAt: null,
  clockOffset: 0,
  nextTryAt: null,
  problem: null,
  problemDetail: null,
  progress: null,
  foreign: null,
  wipe: null,
}

/** The status that everybody sees, and the listeners to its changes. */
export class StatusBoard {
  #status = AT_REST
  readonly #listeners = new Set<(event: EngineEvent) => void>()
  readonly #onListenerError: (error: unknown) => void

  constructor(onListenerError: (error: unknown) => void = () => undefined) {
    this.#onListenerError = onListenerError
  }

  /** The same object until something changes. */
  get status(): EngineStatus {
    return this.#status
  }

  set(change: Partial<EngineStatus>): void {
    const next = { ...this.#status, ...change }
    if (JSON.stringify(next.foreign) === JSON.stringify(this.#status.foreign))
      next.foreign = this.#status.foreign
    if (JSON.stringify(next.wipe) === JSON.stringify(this.#status.wipe)) next.wipe = this.#status.wipe
    if (isEqual(this.#status, next)) return
    this.#status = next
    this.emit({ kind: 'statusChanged', status: next })
  }

  count(
    { pending, conflicts, quarantined, localOnly }: QueueNumbers,
    { lastSyncAt, clockOffset = 0 }: Position,
  ): void {
    this.set({ pending, conflicts, quarantined, localOnly, lastSyncAt, clockOffset })
  }

  /** A listener that throws must not stop a sync in the middle, nor the next listener. */
  emit(event: EngineEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        this.#onListenerError(error)
      }
    }
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    // Each subscription is its own, also of a listener that is there already.
    const own = (event: EngineEvent) => listener(event)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }
}

function isEqual(a: EngineStatus, b: EngineStatus): boolean {
  const { progress: progressOfA, ...restOfA } = a
  const { progress: progressOfB, ...restOfB } = b
  const sameProgress =
    progressOfA?.sent === progressOfB?.sent && progressOfA?.received === progressOfB?.received
  const keys = Object.keys(restOfA) as (keyof typeof restOfA)[]
  return sameProgress && keys.every((key) => restOfA[key] === restOfB[key])
}
