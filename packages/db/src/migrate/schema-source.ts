import type { Functions } from './apply-functions.ts'
import {
  FUNCTIONS_DIR,
  MIGRATIONS_DIR,
  readFunctions,
  readMigrations,
  type SqlFile,
} from './migration-files.ts'
import { LEAST_BUILD, SCHEMA_BUILD } from './schema-build.ts'
import { type Squash, SQUASH } from './squashed-migrations.ts'

/** Where the SQL of a build is. */
export type SchemaSource = {
  /** Folder of migrations, as Prisma lays it out. */
  readonly migrations: string
  /** Folder of the current functions. */
  readonly functions: string
  /** See {@link SCHEMA_BUILD}. */
  readonly build: number
  /** See {@link LEAST_BUILD}; default: `build`. */
  readonly leastBuild?: number
  readonly squash?: Squash
}

/** This build's own. */
export const OWN_SCHEMA: SchemaSource = {
  migrations: MIGRATIONS_DIR,
  functions: FUNCTIONS_DIR,
  build: SCHEMA_BUILD,
  leastBuild: LEAST_BUILD,
  squash: SQUASH,
}

export type Schema = {
  readonly migrations: readonly SqlFile[]
  readonly functions: Functions
  readonly leastBuild: number
  readonly squash: Squash | undefined
}

export async function readSchema(source: SchemaSource): Promise<Schema> {
  return {
    migrations: await readMigrations(source.migrations),
    functions: { files: await readFunctions(source.functions), build: source.build },
    leastBuild: source.leastBuild ?? source.build,
    squash: source.squash,
  }
}
