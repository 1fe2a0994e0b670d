import { randomUUID } from 'node:crypto'

import { connectionUrl, connectOnce, ensureRoles } from '@fieldsync/db'
import { type InstalledPostgres, installedPostgres, installedStandby } from '@fieldsync/testkit'
import { expect, vi } from 'vitest'

const DATABASE = 'fieldsync'

/** A primary with one synchronous standby, and what an operator does with them. */
export type DatabasePair = AsyncDisposable & {
  /** For servers: the URLs name both. */
  readonly env: Readonly<Record<'DATABASE_URL' | 'MIGRATION_DATABASE_URL', string>>
  readonly primary: InstalledPostgres
  readonly standby: InstalledPostgres
  /** Makes the standby the primary, which waits for no standby until one has joined. The old primary is gone by then. */
  promote(): Promise<void>
  /** Makes a copy of the primary in the place of the server that was lost, and lets commits wait for it again. */
  rejoin(): Promise<void>
  /** Runs a statement at the primary, as superuser. */
  query(statement: string): Promise<Record<string, unknown>[]>
}

export async function databasePair(): Promise<DatabasePair> {
  await using stack = new AsyncDisposableStack()
  const first = stack.use(await installedPostgres())
  const passwords = { ownerPassword: randomUUID(), appPassword: randomUUID() }
  const { ownerUrl, appUrl } = await ensureRoles(first.url, { database: DATABASE, ...passwords })
  const second = stack.use(await installedStandby(first))
  const withBoth = (url: string): string =>
    `${url.replace(`:${first.port}/`, `:${first.port},127.0.0.1:${second.port}/`)}?target_session_attrs=read-write`
  let primary = first
  let standby = second

  const query = async (statement: string): Promise<Record<string, unknown>[]> => {
    const url = connectionUrl(primary.url, { database: DATABASE })
    await using connection = await connectOnce({ url, applicationName: 'operator' })
    return (await connection.client.query<Record<string, unknown>>(statement)).rows
  }
  const configure = async (names: '' | '*'): Promise<void> => {
    await query(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`)
    await query('SELECT pg_reload_conf()')
  }
  /** Commits wait for the standby from now on. */
  const requireStandby = async (): Promise<void> => {
    await configure('*')
    const streaming = [{ state: 'streaming', sync_state: 'sync' }]
    await vi.waitFor(
      async () => expect(await query('SELECT state, sync_state FROM pg_stat_replication')).toEqual(streaming),
      { timeout: 60_000 },
    )
  }
  await requireStandby()
  const started = stack.move()
  return {
    env: { DATABASE_URL: withBoth(appUrl), MIGRATION_DATABASE_URL: withBoth(ownerUrl) },
    get primary() {
      return primary
    },
    get standby() {
      return standby
    },
    promote: async () => {
      standby.promote()
      ;[primary, standby] = [standby, primary]
      await configure('')
    },
    rejoin: async () => {
      await standby.rejoin(primary)
      await requireStandby()
    },
    query,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
