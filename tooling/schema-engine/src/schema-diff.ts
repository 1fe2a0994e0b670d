import { readFile } from 'node:fs/promises'
import path from 'node:path'

import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import { SchemaEngine } from '@prisma/schema-engine-wasm'

import { CatalogAdapterFactory } from './catalog-adapter.ts'

/**
 * The SQL that would turn the tables of a live database into those of `prisma/schema.prisma`; empty when they agree.
 * Functions, triggers, grants and check constraints are not part of a Prisma schema and are not compared.
 * @param databaseUrl of a role that may read the catalogs.
 */
export async function schemaDiff(databaseUrl: string): Promise<string> {
  return withEngine(databaseUrl, async (engine, schema) => {
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files: [schema], configDir: path.dirname(schema.path) },
      to: { tag: 'schemaDatamodel', files: [schema] },
      script: true,
      exitCode: true,
      filters: FILTERS,
    })
    return exitCode === 0 ? '' : (stdout ?? '')
  })
}

const SCHEMA_FILE = path.resolve(import.meta.dirname, '../../../prisma/schema.prisma')

type SchemaFile = { readonly path: string; readonly content: string }

/** What the migration runner records beside Prisma's own history is not part of the schema. */
export const FILTERS = {
  externalTables: ['public._fieldsync_functions', 'public._fieldsync_compatibility'],
  externalEnums: [],
}

/**
 * Queries Prisma's schema engine about a live database, which it can only read. The engine is Prisma's own, compiled to
 * WebAssembly, so nothing has to be downloaded.
 * @param databaseUrl of a role that may read the catalogs.
 */
export async function withEngine<T>(
  databaseUrl: string,
  ask: (engine: SchemaEngine, schema: SchemaFile) => Promise<T>,
): Promise<T> {
  const schema = { path: SCHEMA_FILE, content: await readFile(SCHEMA_FILE, 'utf8') }
  await using catalog = new CatalogAdapterFactory(databaseUrl)
  const adapter = bindMigrationAwareSqlAdapterFactory(catalog)
  const engine = await SchemaEngine.new(
    { datamodels: [[schema.path, schema.content]] },
    () => undefined,
    adapter,
  )
  try {
    return await ask(engine, schema)
  } finally {
    engine.free()
  }
}
