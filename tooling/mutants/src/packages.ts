import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { ROOT } from './copy.ts'

/**
 * What is mutated in a package, and the tests that must notice: paths relative to the root, the tests as globs; one that
 * begins with `!` leaves tests out.
 */
export type MutatedPackage = {
  readonly files: () => readonly string[]
  readonly tests: readonly string[]
  /** How many of its mutants must be noticed, in percent. */
  readonly least: number
}

const NO_PRODUCT = /\.(?:test|soak|e2e)\.ts$|\/testing\//

const productFiles = (name: string): string[] =>
  globSync(`packages/${name}/src/**/*.ts`, { cwd: ROOT })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => !NO_PRODUCT.test(file))
    .toSorted()

const whole = (name: string, least: number, ...tests: string[]): MutatedPackage => ({
  files: () => productFiles(name),
  least,
  tests: [`packages/${name}/src/**/*.test.ts`, ...tests],
})

// A connection, a statement, or a verb, which every caller gives a database.
const ASKS_A_DATABASE = /\b(?:Queryable|Prisma)\b|[.#]db\b|\bdb[.,]|= verb\(/

/**
 * The part of a package whose code asks no database, found by what its files say.
 * @param wiring paths in `src` of files that name no database, but do nothing without one: what they call or start asks it
 */
function pure(name: string, least: number, ...wiring: string[]): MutatedPackage {
  const all = whole(name, least)
  const isPure = (file: string): boolean =>
    !wiring.some((each) => file === `packages/${name}/src/${each}`) &&
    !ASKS_A_DATABASE.test(readFileSync(path.join(ROOT, file), 'utf8'))
  return { ...all, files: () => all.files().filter((file) => isPure(file)) }
}

/**
 * The packages that Stryker mutates. Their own tests without a database decide; those of the engine include the ones that
 * need a server. Whole devices with random scripts, and processes that are killed, find a mistake too, but by luck and in
 * minutes for each: a survivor would cost more than all the others together. What asks a database, its functions, and the
 * wiring of the server have known mutants instead.
 */
export const MUTATED_PACKAGES: Readonly<Record<string, MutatedPackage>> = {
  contracts: whole('contracts', 95),
  domain: whole('domain', 95),
  // Random situations find a mistake by luck, and take longer than all the others.
  agronomy: whole('agronomy', 95, '!**/properties.test.ts'),
  'sync-engine': whole(
    'sync-engine',
    88,
    'packages/simulator/src/engine/**/*.test.ts',
    '!**/node-sqlite/{kill,processes}.test.ts',
  ),
  // Code that can be mutated is several times as large as it was: the size of a bundle is no measure then.
  client: whole('client', 88, '!**/bundle.test.ts'),
  // One page of a verb after the other; the runner of the queue, and the table of what it runs.
  services: pure('services', 88, 'audit/export.ts', 'jobs/start-jobs.ts', 'jobs/task-handlers.ts'),
  api: whole('api', 88),
}
