import { existsSync } from 'node:fs'

/** Programs as Debian installs them, for tests of what the embedded server lacks, and of what others call the server with. */
const POSTGRES = ['/usr/lib/postgresql/15/bin/pg_basebackup', '/usr/sbin/pgbouncer', '/usr/bin/curl']

/** Whether all of them exist. */
export const hasInstalledPostgres = () => POSTGRES.every((program) => existsSync(program))

/** Whether Patroni and etcd exist as well, as Debian installs them, for the drill of a failover by itself. */
export const hasPatroni = () =>
  hasInstalledPostgres() && ['/usr/bin/patroni', '/usr/bin/etcd'].every((program) => existsSync(program))

/** Whether SQLCipher's command line exists, as Debian installs it, for tests of the phone's encrypted store. */
export const hasSqlCipher = () => existsSync('/usr/bin/sqlcipher')

/** Whether there is a sandbox without privileges, for the test of a server in a read-only folder and without a network. */
export const hasBubblewrap = () => existsSync('/usr/bin/bwrap')
