import type { SecurityKind } from '@fieldsync/contracts'
import { type Database, type SecurityEvent, storeSecurityEvents } from '@fieldsync/db'

const FLUSH_AFTER_MS = 5000
const MINUTE_MS = 60_000
/** Rows of one process in one minute; whatever comes beyond is counted together. */
const MOST_ROWS = 200
const BEYOND = 'other'

/** An attempt that was refused. */
export type SecurityNote = {
  readonly kind: SecurityKind
  /** Why it was refused. */
  readonly reason: string
  readonly at: Date
  /** Where it came from. */
  readonly address?: string | undefined
  /** Whose credential it was, where it was one that this server had given. */
  readonly about?: { readonly workspaceId: string; readonly deviceId: string } | undefined
}

type Counted = { -readonly [Name in keyof SecurityEvent]: SecurityEvent[Name] }

/**
 * Refused credentials and the like, counted by the minute and stored soon after, apart from the audit (AUD-20): an unknown
 * caller causes no write under a workspace's lock, and one row a minute however often it comes.
 */
export class SecurityLog {
  readonly #db: Database
  #waiting = new Map<string, Counted>()
  #timer: NodeJS.Timeout | undefined
  /** Rows that were started in the minute that is under way. */
  #started = { minute: 0, keys: new Set<string>() }
  #flushing: Promise<void> = Promise.resolve()

  constructor(db: Database) {
    this.#db = db
  }

  /** Rows that wait. */
  get size(): number {
    return this.#waiting.size
  }

  note({ about, address = '', at, kind, reason }: SecurityNote): void {
    const minute = Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS
    const { workspaceId = '', deviceId = '' } = about ?? {}
    const row = this.#mayBegin(minute, `${kind} ${reason} ${workspaceId} ${deviceId}`)
      ? { kind, reason, workspaceId, deviceId }
      : { kind, reason: BEYOND, workspaceId: '', deviceId: '' }
    const key = `${minute} ${row.kind} ${row.reason} ${row.workspaceId} ${row.deviceId}`
    const waiting = this.#waiting.get(key)
    if (waiting) Object.assign(waiting, { count: waiting.count + 1, address, lastAt: at })
    else this.#waiting.set(key, { ...row, minute: new Date(minute), count: 1, address, lastAt: at })
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS).unref()
  }

  /** Stores now what waits; what the database does not take is lost. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#flushing = this.#flushAfter(this.#flushing)
    return this.#flushing
  }

  #mayBegin(minute: number, key: string): boolean {
    if (this.#started.minute !== minute) this.#started = { minute, keys: new Set() }
    const { keys } = this.#started
    if (keys.has(key)) return true
    if (keys.size >= MOST_ROWS) return false
    keys.add(key)
    return true
  }

  async #flushAfter(last: Promise<void>): Promise<void> {
    await last
    this.#timer = undefined
    const events = [...this.#waiting.values()]
    this.#waiting = new Map()
    if (events.length === 0) return
    // Counts for people to look at: the log has each refusal too.
    await storeSecurityEvents(this.#db.pool, events).catch(() => undefined)
  }
}
