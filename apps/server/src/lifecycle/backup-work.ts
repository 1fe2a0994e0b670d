import { oneAtATime } from '@fieldsync/db'
import type { Clock } from '@fieldsync/services'
import type { Logger } from 'pino'

import { backupName, type BackupPlace, backupPlace, type StoredBackup } from '../backup/backup-places.ts'
import { createBackup } from '../backup/create-backup.ts'
import { expiredBackups } from '../backup/retention.ts'
import type { DatabaseEnv } from '../env/database-env.ts'
import { messageOf } from '../log/error-fields.ts'
import type { BackupMarks } from '../metrics/backup-gauges.ts'
import { inRounds } from './rounds.ts'

const LOOK_EVERY_MS = 5 * 60_000
const HOUR_MS = 60 * 60_000

type BackupWork = {
  readonly env: DatabaseEnv
  /** Of the application's role. */
  readonly url: string
  readonly clock: Clock
  readonly logger: Logger
  readonly marks: BackupMarks | undefined
}

/**
 * Makes backups to the place of the environment, each `BACKUP_EVERY_HOURS` after the newest one there, and removes those that are no
 * longer kept (BAK-8, BAK-9). Of several servers on one database, one does it. A place that fails is a warning at each round.
 */
export function backUpRegularly(work: BackupWork): AsyncDisposable {
  const { env, logger, marks } = work
  const place = backupPlace(env.backups)
  if (!place) return { [Symbol.asyncDispose]: () => Promise.resolve() }
  marks?.interval((env.backups.everyHours * HOUR_MS) / 1000)
  if (env.backups.recipients.length === 0)
    logger.warn(
      'backups are not encrypted and have no secrets: set BACKUP_RECIPIENT, or keep SECRETS_DIR elsewhere',
    )
  return inRounds(LOOK_EVERY_MS, async (signal) => {
    try {
      const newest = await newestOrNew(work, place, signal)
      if (newest) marks?.newest(newest)
      marks?.failing(false)
    } catch (error) {
      if (signal.aborted) return
      marks?.failing(true)
      logger.warn(
        { place: place.name, reason: messageOf(error) },
        'could not make a backup; trying again later',
      )
    }
  })
}

/** The newest backup of the place, made now where that is due. */
async function newestOrNew(
  work: BackupWork,
  place: BackupPlace,
  signal: AbortSignal,
): Promise<StoredBackup | undefined> {
  const { env, clock, url } = work
  const { everyHours } = env.backups
  const look = async (): Promise<{ newest: StoredBackup | undefined; isDue: boolean }> => {
    const [newest] = await place.list()
    const age = newest ? clock.now().getTime() - newest.takenAt.getTime() : Infinity
    return { newest, isDue: everyHours > 0 && age >= everyHours * HOUR_MS }
  }
  const { newest, isDue } = await look()
  if (!isDue) return newest
  const made = await oneAtATime(url, async () => {
    // Another server may just have made one.
    const again = await look()
    return again.isDue ? await makeOne(work, place, signal) : again.newest
  })
  return made ?? newest
}

async function makeOne(
  { env, url, clock, logger, marks }: BackupWork,
  place: BackupPlace,
  signal: AbortSignal,
): Promise<StoredBackup> {
  const { recipients, keep } = env.backups
  const started = performance.now()
  const takenAt = clock.now()
  const name = backupName(takenAt, recipients.length > 0)
  await place.clear()
  const { bytes, rows } = await createBackup({
    env,
    url,
    recipients,
    takenAt,
    signal,
    store: (content) => place.add(name, content),
  })
  const seconds = (performance.now() - started) / 1000
  marks?.made(seconds)
  logger.info({ name, place: place.name, bytes, rows, ms: Math.round(seconds * 1000) }, 'made a backup')
  for (const expired of expiredBackups(await place.list(), keep)) {
    await place.remove(expired.name)
    logger.info({ name: expired.name }, 'removed a backup that is no longer kept')
  }
  return { name, takenAt, bytes }
}
