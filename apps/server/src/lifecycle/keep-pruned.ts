import type { Database } from '@fieldsync/db'
import { type Clock, pruneExpired } from '@fieldsync/services'
import type { Logger } from 'pino'

const EVERY_MS = 6 * 60 * 60 * 1000

/** Drops expired answers and cursors a few times a day while the server runs (IDM-8, CUR-7). */
export function keepPruned(db: Database, clock: Clock, logger: Logger): Disposable {
  const prune = async (): Promise<void> => {
    try {
      const dropped = await pruneExpired({ db, clock })
      if (dropped.answers + dropped.cursors > 0) logger.info(dropped, 'dropped what has expired')
    } catch (err) {
      // It can wait: the next round finds the same rows.
      logger.warn({ err }, 'could not drop what has expired')
    }
  }
  void prune()
  const timer = setInterval(() => void prune(), EVERY_MS).unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
