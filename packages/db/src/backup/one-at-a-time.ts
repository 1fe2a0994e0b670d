import { connectOnce } from '../connection/connect.ts'

/** Of the advisory lock that the server has which makes the backups of a database. */
const BACKUP_LOCK = 72707372

/**
 * Runs work unless another server on this database does it at the moment (BAK-8). Whoever is killed gives the lock back with its
 * connection.
 * @returns undefined where another one does it
 */
export async function oneAtATime<T>(url: string, work: () => Promise<T>): Promise<T | undefined> {
  await using connection = await connectOnce({ url, applicationName: 'fieldsync-backup' })
  const { rows } = await connection.client.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_lock($1) AS locked',
    [BACKUP_LOCK],
  )
  if (rows[0]?.locked !== true) return undefined
  // Nothing is asked of it from now on.
  connection.allowSilence(0)
  return await work()
}
