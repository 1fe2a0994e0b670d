import { createWriteStream } from 'node:fs'
import { link, open, readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress } from 'node:zlib'

import { type Header, pack, type Pack } from 'tar-stream'

import { connectOnce } from '../connection/connect.ts'
import { clusterPaths } from '../embedded/cluster-paths.ts'

/** What a base has besides the files of its cluster: the last entry, without which it is not complete. */
export const BASE_END = 'fieldsync-base.json'
/** The superuser's password, which is beside the cluster's folder. */
export const BASE_PASSWORD = 'fieldsync-superuser-password'

/** Folders whose content PostgreSQL generates (“Backing Up the Data Directory” in its manual); they exist all the same. */
const EMPTIED: ReadonlySet<string> = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'log',
])
const LEFT_OUT =
  /^(postmaster\.(pid|opts)|current_logfiles|backup_label(\.old)?|recovery\.signal|pg_internal\.init.*|pgsql_tmp.*)$/

/**
 * Copies the files of a running cluster into the archive as a base, from which the archived write-ahead log leads to any later
 * instant (BAK-11): PostgreSQL's own base backup by its SQL functions, since the embedded programs have no pg_basebackup. Returns when
 * the log that the base needs is archived, too.
 *
 * @param options.superuserUrl of the cluster in `dataDir`, which archives into `folder`
 * @returns the base's file
 * @throws what the database or the disk fails with; nothing is left in the archive then
 */
export async function takeBase(options: {
  readonly superuserUrl: string
  readonly dataDir: string
  readonly folder: string
  readonly now: () => Date
  /** Gives it up, such as while the write-ahead log cannot be archived, which it waits for. */
  readonly signal?: AbortSignal
}): Promise<string> {
  const { superuserUrl, dataDir, folder, now, signal } = options
  await using connection = await connectOnce({ url: superuserUrl, applicationName: 'fieldsync-base' })
  const { client } = connection
  // A checkpoint, and the archiving of the last file, take as long as the disk needs.
  connection.allowSilence(0)
  signal?.addEventListener('abort', () => client.connection.stream.destroy(), { once: true })
  const started = await client.query<{ wal: string }>(
    `SELECT pg_walfile_name(pg_backup_start('fieldsync', true)) AS wal`,
  )
  const draft = path.join(folder, `base.${process.pid}.partial`)
  const tar = pack()
  const fill = async (): Promise<void> => {
    await addFolder(tar, dataDir, '')
    await add(tar, BASE_PASSWORD, await readFile(clusterPaths(dataDir).passwordFile))
    const stopped = await client.query<{ label: string }>(
      'SELECT labelfile AS label FROM pg_backup_stop(true)',
    )
    await add(tar, 'backup_label', Buffer.from(stopped.rows[0]?.label ?? ''))
    await add(tar, BASE_END, Buffer.from('{}\n'))
    tar.finalize()
  }
  try {
    const written = pipeline(
      tar,
      createZstdCompress(),
      createWriteStream(draft, { mode: 0o600, flush: true }),
    )
    await Promise.all([written, fill()])
    const file = path.join(folder, baseName(now(), started.rows[0]?.wal ?? ''))
    await link(draft, file)
    await using handle = await open(folder, 'r')
    await handle.sync()
    return file
  } finally {
    tar.destroy()
    await rm(draft, { force: true })
  }
}

/** By when it was complete, and the first file of the write-ahead log that it needs. */
const baseName = (completeAt: Date, firstWal: string): string =>
  `base-${completeAt.toISOString().replaceAll(/[-:.]/g, '')}-${firstWal}.tar.zst`

async function addFolder(tar: Pack, dataDir: string, folder: string): Promise<void> {
  for (const entry of await readdir(path.join(dataDir, folder), { withFileTypes: true })) {
    const name = path.posix.join(folder, entry.name)
    if (LEFT_OUT.test(entry.name)) continue
    if (entry.isDirectory()) {
      await add(tar, name, undefined)
      if (!EMPTIED.has(name)) await addFolder(tar, dataDir, name)
    } else if (entry.isFile()) await addFile(tar, dataDir, name)
  }
}

/**
 * A file while PostgreSQL writes to it: pages that are torn are written again by the log. One that has become shorter is filled with
 * zeros, one that has grown is cut, and one that is gone is left out; the log repeats all three.
 */
async function addFile(tar: Pack, dataDir: string, name: string): Promise<void> {
  const handle = await open(path.join(dataDir, name), 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (!handle) return
  await using file = handle
  const { size } = await file.stat()
  await add(
    tar,
    name,
    async function* () {
      let left = size
      while (left > 0) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(left, CHUNK)))
        yield bytesRead === 0 ? Buffer.alloc(Math.min(left, CHUNK)) : buffer.subarray(0, bytesRead)
        left -= bytesRead === 0 ? Math.min(left, CHUNK) : bytesRead
      }
    },
    size,
  )
}
const CHUNK = 256 * 1024

type Content = Buffer | (() => AsyncGenerator<Buffer>) | undefined

/** Adds one entry, a folder where it has no content, and resolves when the tar file has taken it. */
async function add(tar: Pack, name: string, content: Content, bytes?: number): Promise<void> {
  const header: Partial<Header> & { name: string } =
    content === undefined
      ? { name, type: 'directory', mode: 0o700 }
      : { name, mode: 0o600, size: bytes ?? (Buffer.isBuffer(content) ? content.length : 0) }
  const sink = tar.entry(header)
  if (content === undefined) return
  await pipeline(Buffer.isBuffer(content) ? [content] : content(), sink)
}
