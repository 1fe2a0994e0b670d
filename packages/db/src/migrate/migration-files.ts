import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

/** The project's own migrations. */
export const MIGRATIONS_DIR = path.resolve(import.meta.dirname, '../../../../prisma/migrations')

export type MigrationFile = { readonly name: string; readonly sql: string; readonly checksum: string }

/** Reads every `<name>/migration.sql` in the order of their names, with the checksum Prisma would note (SHA-256). */
export async function readMigrations(directory: string): Promise<MigrationFile[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const bytes = await readFile(path.join(directory, name, 'migration.sql'))
      return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') }
    }),
  )
}
