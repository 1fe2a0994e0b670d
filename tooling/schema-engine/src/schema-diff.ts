import path from 'node:path'

import { FILTERS, withEngine } from './with-engine.ts'

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
