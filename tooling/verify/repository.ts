import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

export const REPOSITORY = path.resolve(import.meta.dirname, '../..')

const SKIPPED = new Set([
  'node_modules',
  '.tools',
  '.git',
  '.turbo',
  '.data',
  'dist',
  'dist-types',
  'generated',
  'coverage',
  'results',
])

/** A text file of the repository; `path` is relative to its root, with forward slashes. */
export type SourceFile = { readonly path: string; readonly text: string }

/** Every file below `folder` with one of these endings, sorted; dependencies and generated code are left out. */
export async function readFiles(endings: readonly string[], folder = '.'): Promise<SourceFile[]> {
  const entries = await readdir(path.join(REPOSITORY, folder), { withFileTypes: true })
  const nested = await Promise.all(
    entries.map(async (entry): Promise<SourceFile[]> => {
      const name = path.posix.join(folder, entry.name)
      if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : readFiles(endings, name)
      if (!entry.isFile() || !endings.some((ending) => entry.name.endsWith(ending))) return []
      return [{ path: name, text: await readFile(path.join(REPOSITORY, name), 'utf8') }]
    }),
  )
  return nested.flat().sort((a, b) => (a.path < b.path ? -1 : 1))
}

/**
 * Whether a file is part of the tests, to which looser rules apply: a test, a soak, a page's test or their support
 * code.
 */
export function isTestCode(file: string): boolean {
  return /\.(test|soak|e2e)\.ts$|\/testing\//.test(file)
}

/** The 1-based line of a character position. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length
}
