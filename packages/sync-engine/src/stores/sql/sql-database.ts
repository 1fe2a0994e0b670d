import { StoreError } from '../../core/local-store.ts'
import {
  RESULT_CODES,
  type SqlConnection,
  type SqlDriver,
  type SqlRow,
  type SqlValue,
} from './sql-connection.ts'

/** How long anybody waits for another process's transaction. */
const PATIENCE_MS = 30_000
const LONGEST_PAUSE_MS = 50

/** A connection whose errors are {@link StoreError}s, and that waits for others without standing in their way. */
export class SqlDatabase implements SqlConnection {
  readonly #driver: SqlDriver
  readonly #connection: SqlConnection

  private constructor(driver: SqlDriver, connection: SqlConnection) {
    this.#driver = driver
    this.#connection = connection
  }

  static async connect(driver: SqlDriver, database: 'store' | 'lock'): Promise<SqlDatabase> {
    try {
      return new SqlDatabase(driver, await driver.connect(database))
    } catch (error) {
      throw storeError(driver, error)
    }
  }

  async all(sql: string, parameters: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    try {
      return await this.#connection.all(sql, parameters)
    } catch (error) {
      throw storeError(this.#driver, error)
    }
  }

  /**
   * {@link all} for a statement that others may keep from running for a while. The waiting is done here and not by
   * SQLite's own busy_timeout: that one stops the whole thread, and with it a store of the same process that is in the
   * middle of the very transaction that is waited for.
   * @throws {StoreError} `busy` after {@link PATIENCE_MS}
   */
  async allWhenFree(sql: string): Promise<readonly SqlRow[]> {
    let waited = 0
    for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        return await this.all(sql)
      } catch (error) {
        if (!isBusy(error) || waited >= PATIENCE_MS) throw error
      }
      await new Promise<void>((resolve) => {
        setTimeout(resolve, pause)
      })
      waited += pause
    }
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }
}

export const isBusy = (error: unknown): boolean => error instanceof StoreError && error.code === 'busy'

function storeError(driver: SqlDriver, error: unknown): unknown {
  if (error instanceof StoreError) return error
  const code = RESULT_CODES[driver.resultCode(error) ?? 0]
  if (code === undefined) return error
  const message = error instanceof Error ? error.message : String(error)
  return new StoreError(code, `the database said: ${message}`, { cause: error })
}
