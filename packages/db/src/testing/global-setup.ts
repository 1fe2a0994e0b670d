import { randomUUID } from 'node:crypto'

import pg from 'pg'
import type { TestProject } from 'vitest/node'

import { APP_ROLE, connectionUrl, ensureRoles, prepareSchema } from '../index.ts'
import type { TestPostgres } from './provided-context.ts'
import { startTemporaryCluster, sweepAbandonedClusters } from './temporary-cluster.ts'

/** The PostgreSQL of the run, and how many projects use it. */
type Shared = {
  users: number
  readonly started: Promise<{ provided: TestPostgres; readonly stop: () => Promise<void> }>
}

// Each project loads this module for itself: what they share is known to the process alone.
const SHARED = Symbol.for('fieldsync.test-postgres')
const known = globalThis as { [SHARED]?: Shared }

/**
 * Once per run, for all of its projects: one PostgreSQL with the migrations applied to a template, which every test file
 * copies. `TEST_DATABASE_URL` (a superuser's) uses another server instead of an embedded one.
 */
export default async function setUpPostgres(project: TestProject): Promise<() => Promise<void>> {
  const shared = (known[SHARED] ??= { users: 0, started: startPostgres() })
  shared.users += 1
  const { provided, stop } = await shared.started
  project.provide('postgres', provided)
  return async () => {
    shared.users -= 1
    if (shared.users > 0) return
    delete known[SHARED]
    await stop()
  }
}

async function startPostgres(): Promise<{ provided: TestPostgres; readonly stop: () => Promise<void> }> {
  const external = process.env['TEST_DATABASE_URL']
  if (external === undefined) await sweepAbandonedClusters()
  const cluster = external === undefined ? await startTemporaryCluster({ fast: true }) : undefined
  const provided: TestPostgres = {
    superuserUrl: connectionUrl(cluster?.postgres.superuserUrl ?? external ?? '', { database: 'postgres' }),
    template: `fieldsync_template_${process.pid}`,
    ownerPassword: randomUUID(),
    appPassword: randomUUID(),
  }
  try {
    const { ownerUrl } = await ensureRoles(provided.superuserUrl, {
      ...provided,
      database: provided.template,
    })
    await prepareSchema({ ownerUrl, appRole: APP_ROLE })
  } catch (error) {
    await cluster?.stop()
    throw error
  }
  return { provided, stop: () => (cluster === undefined ? dropTemplate(provided) : cluster.stop()) }
}

async function dropTemplate({ superuserUrl, template }: TestPostgres): Promise<void> {
  const client = new pg.Client(superuserUrl)
  await client.connect()
  await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(template)} WITH (FORCE)`)
  await client.end()
}
