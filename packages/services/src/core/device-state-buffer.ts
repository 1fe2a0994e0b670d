import { type Database, type DeviceState, storeDeviceStates } from '@fieldsync/db'

const FLUSH_AFTER_MS = 500

/** The device states of pulls wait here, the latest of each device, so that a pull writes nothing before it answers. */
export class DeviceStateBuffer {
  readonly #db: Database
  readonly #oneWorkspace: boolean
  readonly #waiting = new Map<string, DeviceState>()
  #timer: NodeJS.Timeout | undefined
  /** One at a time: where the database hangs, they would take one connection after the other. */
  #flushing: Promise<void> = Promise.resolve()

  /** @param options.oneWorkspace a statement is of one workspace (BAT-1) */
  constructor(db: Database, { oneWorkspace }: { readonly oneWorkspace: boolean } = { oneWorkspace: false }) {
    this.#db = db
    this.#oneWorkspace = oneWorkspace
  }

  /** States that wait. */
  get size(): number {
    return this.#waiting.size
  }

  /** Notes a state, to be stored within half a second. */
  add(state: DeviceState): void {
    // A report waits apart: with the time of a later pull it would replace what a batch reported in between (CNF-13).
    const kind = state.report === null ? 'seen' : 'reported'
    const key = `${state.workspaceId} ${state.deviceId} ${kind}`
    const waiting = this.#waiting.get(key)
    const newest = waiting && waiting.metadataMicros >= state.metadataMicros ? waiting : state
    this.#waiting.set(key, { ...state, metadata: newest.metadata, metadataMicros: newest.metadataMicros })
    this.#timer ??= setTimeout(() => {
      // A convenience for operators: if the database is away, the next pull brings newer ones.
      this.flush().catch(() => undefined)
    }, FLUSH_AFTER_MS).unref()
  }

  /** Stores now what waits. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    const flushed = this.#flushAfter(this.#flushing)
    this.#flushing = flushed.catch(() => undefined)
    return flushed
  }

  async #flushAfter(last: Promise<void>): Promise<void> {
    await last
    this.#timer = undefined
    const states = [...this.#waiting.values()]
    this.#waiting.clear()
    if (states.length === 0) return
    const groups = this.#oneWorkspace
      ? Map.groupBy(states, ({ workspaceId }) => workspaceId).values()
      : [states]
    for (const group of groups) await storeDeviceStates(this.#db.pool, group, 'soon')
  }
}
