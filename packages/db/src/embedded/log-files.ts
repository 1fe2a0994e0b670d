import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'

const KEPT = 5
const CHECK_EVERY_MS = 10 * 60_000

/** Deletes all but the newest log files (10 MB each, see the settings); their names sort by time. */
export async function pruneLogFiles(logDir: string): Promise<void> {
  const names = (await readdir(logDir).catch(() => [])).filter((name) => name.endsWith('.log')).sort()
  await Promise.all(names.slice(0, -KEPT).map((name) => rm(path.join(logDir, name), { force: true })))
}

/** Prunes now and then until the returned function is called. */
export function keepLogFilesBounded(logDir: string): () => void {
  const prune = () => void pruneLogFiles(logDir).catch(() => undefined)
  prune()
  const timer = setInterval(prune, CHECK_EVERY_MS).unref()
  return () => clearInterval(timer)
}
