/**
 * What is mutated in a package, and the tests that must notice: paths relative to the root, as globs; one that begins with
 * `!` leaves tests out.
 */
export type MutatedPackage = { readonly mutate: readonly string[]; readonly tests: readonly string[] }

export const NO_TESTS = ['!**/*.{test,soak,e2e}.ts', '!**/testing/**']

const whole = (name: string, ...tests: string[]): MutatedPackage => ({
  mutate: [`packages/${name}/src/**/*.ts`, ...NO_TESTS],
  tests: [`packages/${name}/src/**/*.test.ts`, ...tests],
})

/**
 * The packages that Stryker mutates. Their own tests without a database decide; those of the engine include the ones that
 * need a server. Whole devices with random scripts, and processes that are killed, find a mistake too, but by luck and in
 * minutes for each: a survivor would cost more than all the others together. Functions of the database, and the wiring of the server, have known mutants instead.
 */
export const MUTATED_PACKAGES: Readonly<Record<string, MutatedPackage>> = {
  contracts: whole('contracts'),
  domain: whole('domain'),
  'sync-engine': whole(
    'sync-engine',
    'packages/simulator/src/engine/**/*.test.ts',
    '!**/node-sqlite/{kill,processes}.test.ts',
  ),
  client: whole('client'),
  services: whole('services'),
  api: whole('api'),
}
