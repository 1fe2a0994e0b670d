import { existsSync } from 'node:fs'

/** Programs of PostgreSQL 15 and PgBouncer as Debian installs them, for tests of what the embedded server lacks. */
const POSTGRES = ['/usr/lib/postgresql/15/bin/pg_basebackup', '/usr/sbin/pgbouncer']

/** Whether all of them exist. */
export const hasInstalledPostgres = () => POSTGRES.every((program) => existsSync(program))

/** Whether SQLCipher's command line exists, as Debian installs it, for tests of the phone's encrypted store. */
export const hasSqlCipher = () => existsSync('/usr/bin/sqlcipher')
