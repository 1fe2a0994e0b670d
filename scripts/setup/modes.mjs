const VITEST = ['node_modules/vitest/vitest.mjs', 'run']

/** What each mode runs with the project's Node, one after the other; what was typed after the mode comes last. */
export const modes = {
  start: (rest) => [['apps/server/src/main.ts', ...rest]],
  dev: (rest) => [['--watch', 'apps/server/src/main.ts', ...rest]],
  fieldsync: (rest) => [['apps/server/src/cli/main.ts', ...rest]],
  test: (rest) => [[...VITEST, '--project', 'pure', '--project', 'pg', ...rest]],
  soak: (rest) => [[...VITEST, '--project', 'soak', '--passWithNoTests', ...rest]],
  verify: (rest) => [['tooling/verify/main.ts', ...rest]],
  bench: (rest) => [['bench/src/main.ts', ...rest]],
  migration: (rest) => [
    ['--disable-warning=ExperimentalWarning', 'tooling/schema-engine/src/new-migration.ts', ...rest],
  ],
  fix: (rest) => [
    ['node_modules/oxlint/bin/oxlint', '--fix', ...rest],
    ['node_modules/oxfmt/bin/oxfmt', ...rest],
  ],
}

/** Modes that look at types, and so need those that are written from sources. */
export const TYPED_MODES = new Set(['verify', 'fix'])
