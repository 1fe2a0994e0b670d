import { createReadStream } from 'node:fs'
import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'

import { extract } from 'tar-stream'

import { connectOnce } from '../connection/connect.ts'
import { clusterPaths } from '../embedded/cluster-paths.ts'
import { EmbeddedPostgresError } from '../embedded/embedded-postgres-error.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded/start.ts'
import { type ArchivedBase, archivedBases, archivedWal, placeInLog } from './archive-content.ts'
import { BASE_END, BASE_PASSWORD } from './base-backup.ts'

export type InstantOptions = {
  /** The cluster's folder; the server that uses it is stopped, and its lock held by the caller. */
  readonly dataDir: string
  readonly archive: string
  /** Undefined: the end of the write-ahead log. */
  readonly instant: Date | undefined
  readonly onProgress?: (text: string) => void
}

/** A cluster as it was at an instant, running beside the present one. */
export type RecoveredCluster = {
  readonly postgres: EmbeddedPostgres
  /** Whether the instant lies after everything that was committed: the cluster then has all of it. */
  readonly isWhole: boolean
  /**
   * Stops it and puts it in the place of the present one.
   * @returns where the present one is kept from then on; undefined where there was none
   */
  replacePresent(now: Date): Promise<string | undefined>
}

const WAL_FILE = /^[0-9A-F]{24}$/
/** What PostgreSQL says when the log ends before the instant. */
const NOT_REACHED = 'recovery ended before configured recovery target was reached'

/**
 * Recovers the embedded database as it was at an instant (BAK-13): the newest base from before it, and the write-ahead log up to it. The
 * present cluster is not touched; what it has not archived yet is copied from it.
 *
 * @throws EmbeddedPostgresError where no base is old enough, the archive has a gap, or PostgreSQL cannot recover
 */
export async function recoverToInstant(options: InstantOptions): Promise<RecoveredCluster> {
  const { archive, instant, onProgress = () => undefined } = options
  const present = clusterPaths(options.dataDir)
  const target = clusterPaths(`${present.dataDir}.restoring`)
  const base = await chooseBase(archive, instant)
  onProgress(`copying the base of ${base.completeAt.toISOString()}`)
  await rm(target.dataDir, { recursive: true, force: true })
  await layOut(base, target.dataDir, target.passwordFile)
  const source = await clusterWithRest(present.dataDir)
  if (source !== undefined) await copyUnarchived(source, target.dataDir, archive)
  const start = (until: string | undefined): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({ dataDir: target.dataDir, archive, recovery: { until } })
  onProgress('applying the write-ahead log')
  await writeFile(path.join(target.dataDir, 'recovery.signal'), '')
  let isWhole = instant === undefined
  let postgres: EmbeddedPostgres
  try {
    postgres = await start(instant && inSql(instant))
  } catch (error) {
    if (isWhole || !(error instanceof EmbeddedPostgresError) || !error.message.includes(NOT_REACHED))
      throw error
    // All that there is was committed before the instant.
    isWhole = true
    postgres = await start(undefined)
  }
  if (isWhole) await requireEndOfArchive(postgres, archive)
  return { postgres, isWhole, replacePresent: (now) => replace(postgres, target, present, now) }
}

/** At start PostgreSQL knows no letter Z. */
const inSql = (instant: Date): string => instant.toISOString().replace('T', ' ').replace('Z', '+00')

async function chooseBase(archive: string, instant: Date | undefined): Promise<ArchivedBase> {
  const bases = await archivedBases(archive)
  const base = bases.find(({ completeAt }) => instant === undefined || completeAt <= instant)
  if (base) return base
  const oldest = bases.at(-1)?.completeAt.toISOString()
  throw new EmbeddedPostgresError(
    oldest === undefined
      ? `${archive} has no base to restore from`
      : `${archive} reaches back to ${oldest}, and not to ${instant?.toISOString() ?? ''}`,
  )
}

/** Writes the files of a base into an empty folder. @throws EmbeddedPostgresError for one that is not complete */
async function layOut({ file }: ArchivedBase, dataDir: string, passwordFile: string): Promise<void> {
  await mkdir(dataDir, { mode: 0o700 })
  const tar = extract()
  const whole = pipeline(createReadStream(file), createZstdDecompress(), tar)
  whole.catch(() => undefined)
  let isComplete = false
  for await (const entry of tar) {
    const { name, type } = entry.header
    const place = path.join(dataDir, name)
    if (!place.startsWith(dataDir + path.sep)) throw new EmbeddedPostgresError(`${file} names ${name}`)
    if (name === BASE_END) isComplete = true
    if (type === 'directory') await mkdir(place, { recursive: true, mode: 0o700 })
    const to = name === BASE_PASSWORD ? passwordFile : place
    if (type === 'directory' || name === BASE_END) entry.resume()
    else await writeFile(to, entry as AsyncIterable<Buffer>, { mode: 0o600 })
  }
  await whole
  if (!isComplete) throw new EmbeddedPostgresError(`${file} is not complete`)
}

/** The folder that may have log which is not archived: the present cluster's, or the one that an interrupted restore has put aside. */
async function clusterWithRest(dataDir: string): Promise<string | undefined> {
  const parent = path.dirname(dataDir)
  const name = path.basename(dataDir)
  const names = await readdir(parent)
  const aside = names.filter((each) => each.startsWith(`${name}.before-`)).toSorted()
  const found = names.includes(name) ? name : aside.at(-1)
  return found === undefined ? undefined : path.join(parent, found)
}

async function copyUnarchived(from: string, to: string, archive: string): Promise<void> {
  const archived = new Set(await archivedWal(archive))
  const names = await readdir(path.join(from, 'pg_wal'))
  for (const name of names.filter((each) => WAL_FILE.test(each) && !archived.has(each)))
    await copyFile(path.join(from, 'pg_wal', name), path.join(to, 'pg_wal', name))
}

/** @throws EmbeddedPostgresError where the archive goes on after a file that is missing */
async function requireEndOfArchive(postgres: EmbeddedPostgres, archive: string): Promise<void> {
  await using connection = await connectOnce({
    url: postgres.superuserUrl,
    applicationName: 'fieldsync-restore',
  })
  const { rows } = await connection.client.query<{ wal: string }>(
    'SELECT pg_walfile_name(pg_current_wal_lsn()) AS wal',
  )
  const reached = placeInLog(rows[0]?.wal ?? '')
  const beyond = (await archivedWal(archive)).find((wal) => placeInLog(wal) > reached)
  if (beyond === undefined) return
  await postgres.stop()
  throw new EmbeddedPostgresError(
    `the archive has ${beyond}, and recovery ended before it: a file of the write-ahead log is missing in between`,
  )
}

async function replace(
  postgres: EmbeddedPostgres,
  target: ReturnType<typeof clusterPaths>,
  present: ReturnType<typeof clusterPaths>,
  now: Date,
): Promise<string | undefined> {
  await postgres.stop()
  const aside = `${present.dataDir}.before-${now.toISOString().replaceAll(/[-:.]/g, '')}`
  const wasThere = await exists(present.dataDir)
  if (wasThere) await rename(present.dataDir, aside)
  // A server that starts between these two finds the second one, and refuses to make a new cluster.
  await rename(target.dataDir, present.dataDir)
  if (await exists(present.passwordFile)) await rm(target.passwordFile, { force: true })
  else await rename(target.passwordFile, present.passwordFile)
  return wasThere ? aside : undefined
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  )
