import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** A run that failed once, shrunk: replayed ahead of all others, so that what was mended stays so. */
export type Regression<T> = {
  /** The file's name without its ending. */
  readonly name: string
  /** What went wrong. */
  readonly about: string
  readonly run: T
}

/**
 * The regressions of one kind: the files of its folder here, each `{ "about", "run" }`.
 *
 * @param folder what T is follows from it: a failing run prints itself in the form of its folder
 */
export function readRegressions<T>(folder: string): Regression<T>[] {
  const place = new URL(`./${folder}/`, import.meta.url)
  if (!existsSync(place)) return []
  return readdirSync(place)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const { about, run } = JSON.parse(readFileSync(new URL(file, place), 'utf8')) as Omit<
        Regression<T>,
        'name'
      >
      return { name: file.replace(/\.json$/, ''), about, run }
    })
}
