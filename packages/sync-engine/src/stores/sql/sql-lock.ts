import type { SqlDriver } from './sql-connection.ts'
import { isBusy, SqlDatabase } from './sql-database.ts'

/**
 * The lock of {@link LocalStore.exclusively}: a write transaction on a second database that nobody ever writes to. The
 * operating system frees it when the holder dies, and nobody who writes to the store ever meets it (STO-9).
 */
export class SqlLock {
  readonly #driver: SqlDriver
  #database: Promise<SqlDatabase> | undefined
  #held = false
  #closed = false

  constructor(driver: SqlDriver) {
    this.#driver = driver
  }

  /** @returns a function that releases it, or undefined when another connection holds it. */
  async take(): Promise<(() => Promise<void>) | undefined> {
    if (this.#held) return undefined
    this.#held = true
    try {
      const database = await this.#connect()
      // Not EXCLUSIVE: two who try that at the same moment can both fail. For IMMEDIATE one byte decides.
      await database.all('BEGIN IMMEDIATE')
      return () => this.#letGo(database)
    } catch (error) {
      this.#held = false
      await this.#closeIfDone()
      if (isBusy(error)) return undefined
      throw error
    }
  }

  /** Closes it now, or when its holder lets go. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#closeIfDone()
  }

  #connect(): Promise<SqlDatabase> {
    this.#database ??= SqlDatabase.connect(this.#driver, 'lock').catch((error: unknown) => {
      this.#database = undefined
      throw error
    })
    return this.#database
  }

  async #letGo(database: SqlDatabase): Promise<void> {
    try {
      await database.all('ROLLBACK')
    } finally {
      this.#held = false
      await this.#closeIfDone()
    }
  }

  async #closeIfDone(): Promise<void> {
    if (!this.#closed || this.#held || this.#database === undefined) return
    const database = this.#database
    this.#database = undefined
    await (await database).close()
  }
}
