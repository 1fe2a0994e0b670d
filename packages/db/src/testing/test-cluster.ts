import { randomUUID } from 'node:crypto'

import { onTestFinished } from 'vitest'

import { type EmbeddedPostgres, ensureRoles, migrate } from '../index.ts'
import { startTemporaryCluster } from './temporary-cluster.ts'

/** A crash-safe cluster of one's own, whose processes a test may kill. */
export type TestCluster = {
  readonly postgres: EmbeddedPostgres
  readonly dataDir: string
  readonly appUrl: string
  readonly ownerUrl: string
}

/**
 * Starts a fresh embedded PostgreSQL with fsync on and the migrations applied, for tests that kill it; it is stopped
 * and deleted when the calling test ends. Takes a second or two.
 */
export async function testCluster(): Promise<TestCluster> {
  const cluster = await startTemporaryCluster({ fast: false })
  onTestFinished(() => cluster.stop())
  const { appUrl, ownerUrl } = await ensureRoles(cluster.postgres.superuserUrl, {
    database: 'fieldsync',
    ownerPassword: randomUUID(),
    appPassword: randomUUID(),
  })
  await migrate({ ownerUrl })
  return { postgres: cluster.postgres, dataDir: cluster.dataDir, appUrl, ownerUrl }
}
