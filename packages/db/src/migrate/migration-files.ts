import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

const PRISMA = path.resolve(import.meta.dirname, '../../../../prisma')

/** The project's own migrations. */
export const MIGRATIONS_DIR = path.join(PRISMA, 'migrations')
/** The one current source of the project's SQL functions and triggers. */
export const FUNCTIONS_DIR = path.join(PRISMA, 'functions')

/** A file of SQL; `checksum` is the SHA-256 of its bytes, lower-case hex. */
export type SqlFile = { readonly name: string; readonly sql: string; readonly checksum: string }

/** Reads every `<name>/migration.sql` in the order of their names, with the checksum Prisma would record. */
export async function readMigrations(directory: string): Promise<SqlFile[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map((name) => readSqlFile(name, path.join(directory, name, 'migration.sql'))),
  )
}

/** Reads every `<name>.sql` in the order of their names, in which they are applied. */
export async function readFunctions(directory: string): Promise<SqlFile[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql'))
  return Promise.all(names.sort().map((name) => readSqlFile(name, path.join(directory, name))))
}

async function readSqlFile(name: string, file: string): Promise<SqlFile> {
  const bytes = await readFile(file)
  return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') }
}
