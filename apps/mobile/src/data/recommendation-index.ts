import type { FieldsyncClient } from '@fieldsync/client'
import { type EngineEvent, StoreError } from '@fieldsync/sync-engine'

import { entryOf, type RecommendationEntry, RecommendationSet } from './recommendation-set.ts'

type Source = Pick<FieldsyncClient, 'record' | 'records' | 'subscribe'>

type IndexOptions = {
  readonly client: Source
  readonly after: (ms: number, work: () => void) => () => void
  /** Milliseconds of any clock that goes on evenly. */
  readonly clock: () => number
  /** Why the last read failed; null once one has not. It is tried again by itself (APP-6). */
  readonly onFailure: (error: unknown) => void
}

/** Read in one transaction, so that thousands neither block the store nor lie in memory whole. */
const CHUNK = 500
/** Up to so many are looked up one by one; beyond that a reading of all is cheaper. */
const MOST_SINGLE = 100
/** After a reading of all, others wait so many times as long as it took: a sync changes the store without pause. */
const REST = 4
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 30_000

/**
 * The recommendations on the device, kept up to date: the store finds none by its note or its window, and of thousands the
 * screens need a few values each.
 */
export class RecommendationIndex {
  readonly #options: IndexOptions
  readonly #entries = new Map<string, RecommendationEntry>()
  readonly #listeners = new Set<() => void>()
  readonly #waiting = new Set<(set: RecommendationSet) => void>()
  #set: RecommendationSet | undefined
  #named = new Set<string>()
  #isAllDue = true
  #isWorking = false
  #isClosed = true
  #notBefore = 0
  #retryMs = FIRST_RETRY_MS
  #cancel: (() => void) | undefined

  constructor(options: IndexOptions) {
    this.#options = options
  }

  /** Reads all, and what changes from now on. @returns how to end that */
  open(): () => void {
    this.#isClosed = false
    this.#isAllDue = true
    const unsubscribe = this.#options.client.subscribe((event) => this.#take(event))
    void this.#work()
    return () => {
      this.#isClosed = true
      unsubscribe()
      this.#cancel?.()
      this.#cancel = undefined
    }
  }

  /** Undefined until all were read once. The same object until something changes. */
  readonly snapshot = (): RecommendationSet | undefined => this.#set

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** All of them, once nothing that was named in an event waits to be read. Does not settle once it is closed. */
  ready(): Promise<RecommendationSet> {
    if (this.#set !== undefined && this.#named.size === 0 && !this.#isWorking)
      return Promise.resolve(this.#set)
    return new Promise((resolve) => this.#waiting.add(resolve))
  }

  /** Reads at once, without waiting for the next attempt. */
  readonly retry = (): void => {
    this.#notBefore = 0
    void this.#work()
  }

  #take(event: EngineEvent): void {
    const names = namedIn(event)
    if (names === null) return
    if (names === 'any') this.#isAllDue = true
    else for (const id of names) this.#named.add(id)
    if (this.#named.size > MOST_SINGLE) {
      this.#named.clear()
      this.#isAllDue = true
    }
    if (this.#isAllDue || this.#named.size > 0) void this.#work()
  }

  async #work(): Promise<void> {
    if (this.#isWorking || this.#isClosed) return
    this.#isWorking = true
    this.#cancel?.()
    this.#cancel = undefined
    try {
      for (let isChanged = await this.#readSome(); isChanged; isChanged = await this.#readSome()) {
        if (this.#isClosed) return
        this.#publish()
      }
      this.#settle()
      this.#options.onFailure(null)
      this.#retryMs = FIRST_RETRY_MS
    } catch (error) {
      this.#failed(error)
    }
    this.#isWorking = false
    const { after, clock } = this.#options
    if (this.#isClosed || this.#cancel !== undefined || !this.#isAllDue) return
    this.#cancel = after(Math.max(0, this.#notBefore - clock()), () => void this.#work())
  }

  /** @returns whether something was read; false also while a reading of all has to wait */
  async #readSome(): Promise<boolean> {
    const { clock } = this.#options
    const startedAt = clock()
    if (this.#isAllDue && (this.#set === undefined || startedAt >= this.#notBefore)) {
      this.#isAllDue = false
      this.#named.clear()
      await this.#readAll().catch((error: unknown) => {
        this.#isAllDue = true
        throw error
      })
      this.#notBefore = clock() + REST * (clock() - startedAt)
      return true
    }
    if (this.#named.size === 0) return false
    const named = this.#named
    this.#named = new Set()
    for (const id of named) {
      const view = await this.#options.client.record('recommendation', id).catch((error: unknown) => {
        for (const each of named) this.#named.add(each)
        throw error
      })
      if (view === null) this.#entries.delete(id)
      else this.#entries.set(id, entryOf(view))
    }
    return true
  }

  async #readAll(): Promise<void> {
    const found = new Map<string, RecommendationEntry>()
    for (let after: string | undefined; ;) {
      const page = { limit: CHUNK, ...(after === undefined ? {} : { after }) }
      const views = await this.#options.client.records('recommendation', page)
      for (const view of views) found.set(view.id, entryOf(view))
      after = views.at(-1)?.id
      if (views.length < CHUNK) break
    }
    this.#entries.clear()
    for (const [id, entry] of found) this.#entries.set(id, entry)
  }

  #publish(): void {
    this.#set = new RecommendationSet(this.#entries.values())
    for (const listener of this.#listeners) listener()
  }

  #settle(): void {
    if (this.#set === undefined) return
    for (const resolve of this.#waiting) resolve(this.#set)
    this.#waiting.clear()
  }

  #failed(error: unknown): void {
    // The store was closed under it: another one takes its place.
    if (this.#isClosed || (error instanceof StoreError && error.code === 'closed')) return
    this.#options.onFailure(error)
    this.#cancel = this.#options.after(this.#retryMs, () => void this.#work())
    this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS)
  }
}

/** Ids of the recommendations that an event is about; `any` where it does not name them, null where it is about none. */
function namedIn(event: EngineEvent): readonly string[] | 'any' | null {
  const ids = (records: readonly { type: string; id: string }[]) =>
    records.flatMap(({ type, id }) => (type === 'recommendation' ? [id] : []))
  switch (event.kind) {
    case 'saved':
      return ids([event.record])
    case 'accepted':
    case 'resent':
    case 'localOnly':
      return ids(event.records)
    case 'downstream':
      return ids([...event.changed, ...event.deleted])
    case 'conflict':
    case 'quarantined':
    case 'resolved':
      return ids([{ type: event.conflict.type, id: event.conflict.entityId }])
    case 'storeChanged':
    case 'sent':
      return 'any'
    default:
      return null
  }
}
