import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { type EmbeddedPostgres, startEmbeddedPostgres, stopOrphan } from '../index.ts'

const PREFIX = 'fieldsync-pg-'

/** An embedded cluster in a folder of its own, gone with its files when stopped. */
export type TemporaryCluster = AsyncDisposable & {
  readonly postgres: EmbeddedPostgres
  readonly dataDir: string
  stop(): Promise<void>
}

/** @param options.fast gives up crash safety for speed. */
export async function startTemporaryCluster(options: { readonly fast: boolean }): Promise<TemporaryCluster> {
  // The name says whose it is, so that a later run can clear up after a killed one.
  const folder = await mkdtemp(path.join(tmpdir(), `${PREFIX}${process.pid}-`))
  const dataDir = path.join(folder, 'postgres')
  const postgres = await startEmbeddedPostgres({ dataDir, fast: options.fast })
  const stop = async () => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return { postgres, dataDir, stop, [Symbol.asyncDispose]: stop }
}

/** Stops and deletes the clusters that killed test runs left behind. */
export async function sweepAbandonedClusters(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1])
    if (!(pid > 0) || isAlive(pid)) continue
    const folder = path.join(tmpdir(), name)
    const dataDir = path.join(folder, 'postgres')
    if (existsSync(dataDir)) await stopOrphan(dataDir)
    await rm(folder, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
