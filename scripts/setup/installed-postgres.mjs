import { existsSync } from 'node:fs'

/** Programs of PostgreSQL 15 and PgBouncer as Debian installs them, for tests of what the embedded server lacks. */
const PROGRAMS = ['/usr/lib/postgresql/15/bin/pg_basebackup', '/usr/sbin/pgbouncer']

/** Whether all of them exist. */
export const hasInstalledPostgres = () => PROGRAMS.every((program) => existsSync(program))
