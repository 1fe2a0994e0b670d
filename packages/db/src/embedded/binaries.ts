import path from 'node:path'

import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

/** Absolute paths of the programs this project runs from the platform's PostgreSQL package. */
export type Binaries = { readonly initdb: string; readonly postgres: string }

const platformName = process.platform === 'win32' ? 'windows' : process.platform

/**
 * Finds the PostgreSQL that npm installed for this platform.
 * @throws EmbeddedPostgresError when there is none; an external server is needed then.
 */
export async function findBinaries(): Promise<Binaries> {
  const packageName = `@embedded-postgres/${platformName}-${process.arch}`
  const found: unknown = await import(packageName).catch(() => undefined)
  if (!isBinaries(found)) {
    throw new EmbeddedPostgresError(
      `no PostgreSQL for this platform (${packageName} is not installed); set DATABASE_URL to use an external server`,
    )
  }
  return { initdb: found.initdb, postgres: found.postgres }
}

/** The folder that contains `bin`, `lib` and `share`, which belong together. */
export function installationDir(binaries: Binaries): string {
  return path.resolve(binaries.postgres, '../..')
}

function isBinaries(value: unknown): value is Binaries {
  return (
    typeof value === 'object' &&
    value !== null &&
    'initdb' in value &&
    typeof value.initdb === 'string' &&
    'postgres' in value &&
    typeof value.postgres === 'string'
  )
}
