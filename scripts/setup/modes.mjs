import { chromiumPath } from './chromium.mjs'
import { hasInstalledPostgres, hasSqlCipher } from './installed-programs.mjs'
import { say } from './say.mjs'

const VITEST = ['node_modules/vitest/vitest.mjs', 'run']

/** What each mode runs with the project's Node, one after the other; arguments after the mode come last. */
export const modes = {
  start: (rest) => [['apps/server/src/main.ts', ...rest]],
  dev: (rest) => [['--watch', 'apps/server/src/main.ts', ...rest]],
  fieldsync: (rest) => [['apps/server/src/cli/main.ts', ...rest]],
  test: (rest) => [[...VITEST, ...(namesProjects(rest) ? [] : testProjects()), ...rest]],
  // What `npm test` leaves out so that it stays short; the gate runs both.
  'test:long': (rest) => [[...VITEST, '--project', 'long', ...rest]],
  soak: (rest) => [
    [...VITEST, '--project', 'soak', '--passWithNoTests', ...rest],
    // The whole soak also upgrades under load, and breaks the code: a sample of each package, and the known mistakes.
    ...(rest.length === 0
      ? [['scripts/compat/rolling-upgrade.mjs'], ['tooling/mutants/src/main.ts', '--sample', '200', 'all']]
      : []),
  ],
  simulate: (rest) => [['packages/simulator/scripts/simulate.ts', ...rest]],
  verify: (rest) => [['tooling/verify/main.ts', ...rest]],
  compat: (rest) => [
    [rest[0] === 'rolling' ? 'scripts/compat/rolling-upgrade.mjs' : 'scripts/compat/main.mjs'],
  ],
  mutants: (rest) => [['tooling/mutants/src/main.ts', ...rest]],
  bench: (rest) => [['bench/src/main.ts', ...rest]],
  pictures: (rest) => [['apps/web/src/testing/readme-pictures.ts', ...rest]],
  'runtime-tree': (rest) => [['scripts/runtime-tree.mjs', ...rest]],
  packages: ([option, ...rest]) =>
    option === '--check'
      ? [[...VITEST, '--project', 'packages', ...rest]]
      : [['tooling/packages/src/main.ts', ...(option === undefined ? [] : [option]), ...rest]],
  bundles: (rest) => [['apps/mobile/scripts/bundle-native.mjs', ...rest]],
  migration: (rest) => [
    ['--disable-warning=ExperimentalWarning', 'tooling/schema-engine/src/new-migration.ts', ...rest],
  ],
  fix: (rest) => [
    ['node_modules/oxlint/bin/oxlint', '--fix', ...rest],
    ['node_modules/oxfmt/bin/oxfmt', ...rest],
  ],
}

/** Modes that check types, and so need the generated ones. */
export const TYPED_MODES = new Set(['verify', 'fix', 'packages', 'soak'])
/** Modes that serve the apps, or pack them. */
export const APP_MODES = new Set(['start', 'dev', 'test', 'test:long', 'pictures', 'runtime-tree'])

// Vitest would run those that are named here in addition to the given ones.
const namesProjects = (rest) => rest.some((word) => word.startsWith('--project'))

function testProjects() {
  const projects = ['--project', 'pure', '--project', 'pg']
  if (!hasInstalledPostgres())
    say(
      'no PostgreSQL 15 or PgBouncer here (apt-get install postgresql pgbouncer): tests of both are skipped',
    )
  if (!hasSqlCipher()) say('no SQLCipher here (apt-get install sqlcipher): its tests are skipped')
  if (chromiumPath() !== undefined) return [...projects, '--project', 'browser']
  say('no Chromium here (apt-get install chromium, or CHROMIUM_PATH): the tests in a browser are skipped')
  return projects
}
