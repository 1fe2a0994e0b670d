import { archivedBases, expireArchive, runningEmbeddedPostgres, takeBase } from '@fieldsync/db'
import type { AdminContext } from '@fieldsync/services'
import type { Logger } from 'pino'

import { clusterDir } from '../database/embedded.ts'
import type { DatabaseEnv } from '../env/database-env.ts'
import { messageOf } from '../log/error-fields.ts'
import type { BackupMarks } from '../metrics/backup-gauges.ts'
import { inRounds } from './rounds.ts'

const LOOK_EVERY_MS = 5 * 60_000
const BASE_EVERY_MS = 24 * 60 * 60_000

const ARCHIVER = `SELECT coalesce(last_failed_time > last_archived_time, last_failed_time IS NOT NULL) AS failing
  FROM pg_stat_archiver`

/**
 * Keeps the archive of the embedded database such that every instant of the last days can be restored: a base each day, and nothing
 * that is older than needed (BAK-11, BAK-12). The write-ahead log is archived by PostgreSQL itself; what fails is a warning
 * at each round.
 */
export function keepArchive({
  ctx,
  env,
  logger,
  marks,
}: {
  ctx: AdminContext
  env: DatabaseEnv
  logger: Logger
  marks: BackupMarks | undefined
}): AsyncDisposable {
  const { archive } = env.backups
  if (!archive) return { [Symbol.asyncDispose]: () => Promise.resolve() }
  const { folder, days } = archive
  const round = async (signal: AbortSignal): Promise<void> => {
    const now = (): Date => ctx.clock.now()
    const [newest] = await archivedBases(folder)
    if (!newest || now().getTime() - newest.completeAt.getTime() >= BASE_EVERY_MS) {
      const dataDir = clusterDir(env)
      const running = await runningEmbeddedPostgres(dataDir)
      if (running) {
        const file = await takeBase({ superuserUrl: running.superuserUrl, dataDir, folder, now, signal })
        logger.info({ file }, 'added a base to the archive')
      }
    }
    const removed = await expireArchive(folder, days, now())
    if (removed > 0) logger.info({ files: removed }, 'removed what the archive no longer needs')
    const [base] = await archivedBases(folder)
    const { rows } = await ctx.runtime.db.pool.query<{ failing: boolean }>(ARCHIVER)
    const isFailing = rows[0]?.failing ?? false
    if (isFailing)
      logger.warn({ folder }, 'the write-ahead log cannot be archived; see the log of PostgreSQL')
    marks?.archive({ newestBase: base?.completeAt, isFailing })
  }
  return inRounds(LOOK_EVERY_MS, (signal) =>
    round(signal).catch((error: unknown) =>
      logger.warn(
        { folder, reason: messageOf(error) },
        'could not look after the archive; trying again later',
      ),
    ),
  )
}
