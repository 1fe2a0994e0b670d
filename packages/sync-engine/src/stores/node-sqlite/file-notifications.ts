import { type FSWatcher, watch } from 'node:fs'
import path from 'node:path'

import type { SqlNotices } from '../sql/sql-connection.ts'

/** How late a commit is noticed where the file system does not tell. */
const LATEST_MS = 1000
/** The log is written, then forced to the disk, and only then do others see the commit: so it is looked at several times. */
const LOOKS_MS = [0, 10, 50, 250]

/**
 * Notices by the write-ahead log: every commit, of any process, writes to it. The file system's word makes it quick;
 * a slow look now and then makes it sure. Neither keeps the process running.
 */
export function fileNotices(file: string): SqlNotices {
  const log = `${path.basename(file)}-wal`
  return {
    announce: () => {},
    subscribe: (listener) => {
      let looks: NodeJS.Timeout[] = []
      const stopLooking = (): void => looks.forEach((look) => clearTimeout(look))
      const slow = setInterval(listener, LATEST_MS).unref()
      const watcher = watchFolder(path.dirname(file), (name) => {
        if (name !== null && name !== log) return
        stopLooking()
        looks = LOOKS_MS.map((delay) => setTimeout(listener, delay).unref())
      })
      return () => {
        clearInterval(slow)
        stopLooking()
        watcher?.close()
      }
    },
  }
}

// A system may have no watches left to give; then the slow look has to do.
function watchFolder(folder: string, changed: (name: string | null) => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, (_, name) => changed(name)).on('error', () => {})
  } catch {
    return undefined
  }
}
