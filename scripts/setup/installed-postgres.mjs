import { existsSync } from 'node:fs'

/** Programs as Debian installs them, for tests of what the embedded server lacks, and of what others call the server with. */
const PROGRAMS = ['/usr/lib/postgresql/15/bin/pg_basebackup', '/usr/sbin/pgbouncer', '/usr/bin/curl']

/** Whether all of them exist. */
export const hasInstalledPostgres = () => PROGRAMS.every((program) => existsSync(program))
