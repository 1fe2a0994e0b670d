import { type Contact, type Database, storeContacts } from '@fieldsync/db'

const FLUSH_AFTER_MS = 500
/** Devices in memory; beyond, the one noted the longest ago is dropped, and the database knows that it was recorded. */
const MAX_KNOWN = 10_000
/** Entries in one transaction: it holds the workspace's head row. */
const MOST_AT_ONCE = 50

/** First syncs of a day wait here, so that a call writes nothing for them before it is answered. */
export class ContactLog {
  readonly #db: Database
  /** The last day noted of each device. */
  readonly #days = new Map<string, string>()
  #waiting = new Map<string, Contact[]>()
  #timer: NodeJS.Timeout | undefined
  /** One at a time: where the database hangs, they would take one connection after the other. */
  #flushing: Promise<void> = Promise.resolve()

  constructor(db: Database) {
    this.#db = db
  }

  /** Workspaces with contacts that wait. */
  get size(): number {
    return this.#waiting.size
  }

  /**
   * Notes a sync that was answered; it is recorded soon after, where it is the device's first of the day.
   * @param auditText its audit row around the number, made only where it may be needed
   */
  note(
    { workspaceId, deviceId, at }: { workspaceId: string; deviceId: string; at: Date },
    auditText: () => Pick<Contact, 'auditPrefix' | 'auditSuffix'>,
  ): void {
    const day = at.toISOString().slice(0, 10)
    const key = keyOf(workspaceId, deviceId)
    const known = this.#days.get(key)
    if (known !== undefined && known >= day) return
    this.#days.delete(key)
    this.#days.set(key, day)
    if (this.#days.size > MAX_KNOWN) this.#days.delete(this.#days.keys().next().value ?? '')
    const contact = { deviceId, day, at, ...auditText() }
    this.#waiting.set(workspaceId, [...(this.#waiting.get(workspaceId) ?? []), contact])
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS).unref()
  }

  /** Records now what waits; what the database does not take is noted again by the device's next sync. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#flushing = this.#flushAfter(this.#flushing)
    return this.#flushing
  }

  async #flushAfter(last: Promise<void>): Promise<void> {
    await last
    this.#timer = undefined
    const waiting = this.#waiting
    this.#waiting = new Map()
    for (const [workspaceId, contacts] of waiting)
      for (let i = 0; i < contacts.length; i += MOST_AT_ONCE)
        await this.#store(workspaceId, contacts.slice(i, i + MOST_AT_ONCE))
  }

  async #store(workspaceId: string, contacts: readonly Contact[]): Promise<void> {
    const { monitor, pool } = this.#db
    try {
      await monitor.write(() => storeContacts(pool, workspaceId, contacts))
    } catch {
      // The next call of each is its first one again.
      for (const { deviceId } of contacts) this.#days.delete(keyOf(workspaceId, deviceId))
    }
  }
}

const keyOf = (workspaceId: string, deviceId: string): string => `${workspaceId} ${deviceId}`
