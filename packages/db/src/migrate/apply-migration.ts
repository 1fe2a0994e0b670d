import { randomUUID } from 'node:crypto'

import pg from 'pg'

import { MigrationError } from './migration-error.ts'
import type { MigrationFile } from './migration-files.ts'

/**
 * Applies one migration and notes it, in one transaction: after a crash or an error at any point the database is as
 * it was before, and the next start tries again.
 * @throws MigrationError with the place in the file where PostgreSQL objected.
 */
export async function applyMigration(client: pg.Client, file: MigrationFile): Promise<void> {
  try {
    await client.query('BEGIN')
    const before = await transactionId(client)
    await client.query(file.sql)
    if ((await transactionId(client)) !== before) {
      throw new MigrationError(`migration ${file.name} must not begin or end transactions itself`)
    }
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), file.checksum, file.name],
    )
    await client.query('COMMIT')
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined)
    if (cause instanceof MigrationError) throw cause
    throw new MigrationError(`migration ${file.name} failed${place(file, cause)}: ${messageOf(cause)}`, {
      cause,
    })
  }
}

async function transactionId(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id')
  return rows[0]?.id
}

function place(file: MigrationFile, error: unknown): string {
  const position = error instanceof pg.DatabaseError ? Number(error.position) : Number.NaN
  if (!(position > 0)) return ''
  return ` at line ${file.sql.slice(0, position).split('\n').length}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
