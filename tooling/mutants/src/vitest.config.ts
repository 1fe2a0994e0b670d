import { defineConfig } from 'vitest/config'

/** The tests of one package, without a database or a browser; Stryker's runner adds which of them run for a mutant. */
export default defineConfig({
  test: {
    include: (process.env['MUTANT_TESTS'] ?? '').split(' '),
    exclude: ['**/node_modules/**', '**/*.pg.test.ts'],
    isolate: false,
    testTimeout: 15_000,
  },
})
