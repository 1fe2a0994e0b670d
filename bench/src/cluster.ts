import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { APP_ROLE, ensureRoles, prepareSchema, startEmbeddedPostgres } from '@fieldsync/db'

import { cpuSecondsOfTree } from './process-use.ts'

export type BenchDatabase = { appUrl: string; ownerUrl: string }

export type BenchCluster = {
  /** CPU seconds that all of PostgreSQL has used so far; NaN where the platform does not report it. */
  cpuSeconds(): number
  /** A database of its own; `empty` for a server that migrates it to its own build's schema. */
  database(name: string, options?: { empty: boolean }): Promise<BenchDatabase>
  stop(): Promise<void>
}

/** One PostgreSQL for both sides of the comparison, with `fsync` on as in production. */
export async function startCluster(): Promise<BenchCluster> {
  const directory = await mkdtemp(path.join(tmpdir(), 'fieldsync-bench-'))
  const postgres = await startEmbeddedPostgres({ dataDir: path.join(directory, 'postgres') })
  const passwords = { ownerPassword: randomUUID(), appPassword: randomUUID() }
  return {
    cpuSeconds: () => (postgres.pid === undefined ? Number.NaN : cpuSecondsOfTree(postgres.pid)),
    database: async (name, { empty } = { empty: false }) => {
      const urls = await ensureRoles(postgres.superuserUrl, { database: name, ...passwords })
      if (!empty) await prepareSchema({ ownerUrl: urls.ownerUrl, appRole: APP_ROLE })
      return urls
    },
    stop: async () => {
      await postgres.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
