import { open, readdir, rm } from 'node:fs/promises'
import path from 'node:path'

const KEPT = 5
const CHECK_EVERY_MS = 10 * 60_000

const TAIL_BYTES = 16 * 1024
/** Of PostgreSQL itself: a session's line names its user before the level. */
const FATAL_LINE = /^(\S+) (\S+) UTC \[\d+\] (?:FATAL|PANIC): +(.+)$/gm

/** Why PostgreSQL itself has failed since a moment, such as a full disk; empty where the log does not say. */
export async function lastWords(logDir: string, since: number): Promise<string> {
  const newest = (await logNames(logDir)).at(-1)
  if (newest === undefined) return ''
  const text = await tailOf(path.join(logDir, newest)).catch(() => '')
  const found = Array.from(text.matchAll(FATAL_LINE))
    .filter(([, day, time]) => Date.parse(`${day}T${time}Z`) >= since)
    .map(([, , , message]) => message)
  return [...new Set(found)].join('; ')
}

async function tailOf(file: string): Promise<string> {
  await using handle = await open(file)
  const { size } = await handle.stat()
  const tail = Buffer.alloc(Math.min(size, TAIL_BYTES))
  await handle.read(tail, 0, tail.length, size - tail.length)
  return tail.toString('utf8')
}

/** The oldest first: their names sort by time. */
const logNames = async (logDir: string): Promise<string[]> =>
  (await readdir(logDir).catch(() => [])).filter((name) => name.endsWith('.log')).sort()

/** Deletes all but the newest log files (10 MB each, see the settings). */
async function pruneLogFiles(logDir: string): Promise<void> {
  const names = await logNames(logDir)
  await Promise.all(names.slice(0, -KEPT).map((name) => rm(path.join(logDir, name), { force: true })))
}

/** Prunes now and then until the returned function is called. */
export function keepLogFilesBounded(logDir: string): () => void {
  const prune = () => void pruneLogFiles(logDir).catch(() => undefined)
  prune()
  const timer = setInterval(prune, CHECK_EVERY_MS).unref()
  return () => clearInterval(timer)
}
