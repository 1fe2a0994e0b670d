import { randomUUID } from 'node:crypto'

import pg from 'pg'
import { afterAll, inject } from 'vitest'

import { APP_ROLE, connectionUrl, OWNER_ROLE, restrictConnections } from '../index.ts'
import type { TestPostgres } from './provided-context.ts'

/** One migrated database of its own, by the role to reach it as. */
export type TestDatabase = {
  readonly name: string
  readonly appUrl: string
  readonly ownerUrl: string
  readonly superuserUrl: string
  /** For the environment of a server that is to use it. */
  readonly serverEnv: { readonly DATABASE_URL: string; readonly MIGRATION_DATABASE_URL: string }
}

/**
 * Gives the calling test file a fresh copy of the migrated template and drops it after the file's last test.
 * Call it at the top level of a `.pg.test.ts` file; `empty` leaves out the migrations.
 */
export async function testDatabase(options: { readonly empty?: boolean } = {}): Promise<TestDatabase> {
  const postgres: TestPostgres = inject('postgres')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const template = options.empty === true ? 'template0' : postgres.template
  await asSuperuser(postgres.superuserUrl, async (client) => {
    // Copying needs the template to itself, and workers may copy at the same time: take turns.
    await client.query(`SELECT pg_advisory_lock(hashtext($1))`, [template])
    await client.query(
      `CREATE DATABASE ${name} TEMPLATE ${client.escapeIdentifier(template)} OWNER ${OWNER_ROLE} STRATEGY FILE_COPY`,
    )
    await restrictConnections(client, name)
  })
  afterAll(async () => {
    await asSuperuser(postgres.superuserUrl, async (client) => {
      await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    })
  })
  const url = (user: string, password: string) =>
    connectionUrl(postgres.superuserUrl, { database: name, user, password })
  const appUrl = url(APP_ROLE, postgres.appPassword)
  const ownerUrl = url(OWNER_ROLE, postgres.ownerPassword)
  return {
    name,
    appUrl,
    ownerUrl,
    superuserUrl: connectionUrl(postgres.superuserUrl, { database: name }),
    serverEnv: { DATABASE_URL: appUrl, MIGRATION_DATABASE_URL: ownerUrl },
  }
}

async function asSuperuser(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
