import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'

/** A base in the archive. */
export type ArchivedBase = {
  readonly file: string
  /** From then on every instant can be restored from it. */
  readonly completeAt: Date
  /** The first file of the write-ahead log that it needs. */
  readonly firstWal: string
}

const DAY_MS = 24 * 60 * 60 * 1000
const BASE = /^base-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-([0-9A-F]{24})\.tar\.zst$/
const WAL = /^([0-9A-F]{24})(?:\.partial|\.[0-9A-F]{8}\.backup)?\.zst$/

/** The bases of an archive, the newest first; none where there is no archive. */
export async function archivedBases(folder: string): Promise<ArchivedBase[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  })
  return names
    .flatMap((name): ArchivedBase[] => {
      const [, y, mo, d, h, mi, s, ms, firstWal] = BASE.exec(name) ?? []
      if (firstWal === undefined) return []
      const completeAt = new Date(`${y}-${mo}-${d}T${h}:${mi}:${s}.${ms}Z`)
      return [{ file: path.join(folder, name), completeAt, firstWal }]
    })
    .toSorted((one, other) => other.completeAt.getTime() - one.completeAt.getTime())
}

/** The archived files of the write-ahead log, by their own names. */
export async function archivedWal(folder: string): Promise<string[]> {
  return (await readdir(folder)).flatMap((name) => WAL.exec(name)?.[1] ?? [])
}

/** Where a file of the log is in it, whatever its timeline. */
export const placeInLog = (wal: string): string => wal.slice(8)

/**
 * Removes what no instant of the last so many days needs (BAK-12): bases older than the newest one from before that time, and the
 * write-ahead log before the oldest base that is left.
 * @returns how many files were removed
 */
export async function expireArchive(folder: string, days: number, now: Date): Promise<number> {
  const bases = await archivedBases(folder)
  const since = now.getTime() - days * DAY_MS
  const oldest = bases.find(({ completeAt }) => completeAt.getTime() <= since)
  if (!oldest) return 0
  const expired = bases.slice(bases.indexOf(oldest) + 1).map(({ file }) => file)
  const names = await readdir(folder)
  const wal = names.filter((name) => {
    const [, segment] = WAL.exec(name) ?? []
    return segment !== undefined && placeInLog(segment) < placeInLog(oldest.firstWal)
  })
  const files = [...expired, ...wal.map((name) => path.join(folder, name))]
  await Promise.all(files.map((file) => rm(file, { force: true })))
  return files.length
}
