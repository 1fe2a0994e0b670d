import type pg from 'pg'

import { connectOnce } from '../connection/connect.ts'

const TABLE = '_fieldsync_restore'

/** Notes in the transaction that loads a backup that there is more to do before the database may be used (BAK-7). */
export async function beginRestore(client: pg.Client, backupId: string): Promise<void> {
  await client.query(
    `CREATE TABLE ${TABLE} (backup_id text PRIMARY KEY, restored_at timestamptz NOT NULL DEFAULT now())`,
  )
  await client.query(`INSERT INTO ${TABLE} (backup_id) VALUES ($1)`, [backupId])
}

/** The backup whose restore into this database was begun and not finished; undefined for none. */
export async function unfinishedRestore(ownerUrl: string): Promise<string | undefined> {
  await using connection = await connectOnce({ url: ownerUrl, applicationName: 'fieldsync-restore' })
  const { client } = connection
  const { rows } = await client.query<{ found: boolean }>('SELECT to_regclass($1) IS NOT NULL AS found', [
    TABLE,
  ])
  if (rows[0]?.found !== true) return undefined
  return (await client.query<{ id: string }>(`SELECT backup_id AS id FROM ${TABLE}`)).rows[0]?.id
}

/** Opens a restored database to servers. */
export async function finishRestore(ownerUrl: string): Promise<void> {
  await using connection = await connectOnce({ url: ownerUrl, applicationName: 'fieldsync-restore' })
  await connection.client.query(`DROP TABLE IF EXISTS ${TABLE}`)
}
