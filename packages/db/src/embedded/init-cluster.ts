import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

import type { ClusterPaths } from './cluster-paths.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { commandFor, type RunAs } from './run-as.ts'

const run = promisify(execFile)

export const SUPERUSER = 'postgres'

/**
 * Creates the cluster when there is none; its files appear under their name only when complete. Every connection needs
 * the superuser's generated password (SCRAM-SHA-256), stored with mode 0600.
 * @returns whether a cluster was created.
 * @throws EmbeddedPostgresError when initdb fails, with its output.
 */
export async function initCluster(runAs: RunAs, paths: ClusterPaths, fast: boolean): Promise<boolean> {
  if (await exists(paths.versionFile)) return false
  const password = await existingPassword(paths)
  if (password === undefined) {
    await writeFile(paths.passwordFile, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
  }

  const partial = await mkdtemp(`${paths.dataDir}.init-`)
  const passwordCopy = path.join(partial, 'password')
  const cluster = path.join(partial, 'cluster')
  try {
    await writeFile(passwordCopy, await readFile(paths.passwordFile), { mode: 0o600 })
    if (runAs.owner !== undefined) {
      await chown(partial, runAs.owner, runAs.owner)
      await chown(passwordCopy, runAs.owner, runAs.owner)
    }
    const { file, args, identity } = commandFor(runAs, runAs.binaries.initdb, [
      `--pgdata=${cluster}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordCopy}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // PostgreSQL's own rules for text: the same order on every system, independent of its C library.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--data-checksums',
      ...(fast ? ['--no-sync'] : []),
    ])
    await run(file, args, { ...identity, cwd: '/', env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } })
    await rename(cluster, paths.dataDir)
  } catch (cause) {
    const words = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause)
    throw new EmbeddedPostgresError(`initdb failed for ${paths.dataDir}: ${words}`, { cause })
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
  return true
}

/** @throws EmbeddedPostgresError when the file that was written with the cluster is missing. */
export async function superuserPassword(paths: ClusterPaths): Promise<string> {
  const password = await existingPassword(paths)
  if (password === undefined) {
    throw new EmbeddedPostgresError(
      `the cluster in ${paths.dataDir} lacks its password file ${paths.passwordFile}; put the file back`,
    )
  }
  return password
}

async function existingPassword(paths: ClusterPaths): Promise<string | undefined> {
  const text = await readFile(paths.passwordFile, 'utf8').catch(() => '')
  return text.trim() || undefined
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
