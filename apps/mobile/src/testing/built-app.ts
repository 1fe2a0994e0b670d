import { execFile } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'

const APP = path.resolve(import.meta.dirname, '../..')
const REPOSITORY = path.resolve(APP, '../..')
const DIST = path.join(APP, 'dist')

/** What the bundle is made of, besides dependencies. */
const SOURCES = [
  'apps/mobile/src',
  'apps/mobile/public',
  'apps/mobile/scripts',
  'packages/client/src',
  'packages/contracts/src',
  'packages/design/src',
  'packages/domain/src',
  'packages/messages/src',
  'packages/sync-engine/src',
  'pnpm-lock.yaml',
]

/** The folder of the built app; it is built first unless it is there and nothing of it has changed since. */
export async function builtApp(): Promise<string> {
  const made = writtenAt(path.join(DIST, 'sw.js'))
  if (SOURCES.some((source) => newest(path.join(REPOSITORY, source)) > made)) {
    await promisify(execFile)(process.execPath, [path.join(APP, 'scripts/build-web.mjs')], {
      maxBuffer: 16 * 1024 * 1024,
    })
  }
  return DIST
}

const writtenAt = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0

function newest(place: string): number {
  if (!statSync(place).isDirectory()) return writtenAt(place)
  const files = readdirSync(place, { recursive: true, encoding: 'utf8' })
  // Tests are not part of it.
  return Math.max(
    0,
    ...files
      .filter((file) => !/\.(?:test|e2e)\.ts$|(?:^|\/)testing\//.test(file))
      .map((file) => writtenAt(path.join(place, file))),
  )
}
