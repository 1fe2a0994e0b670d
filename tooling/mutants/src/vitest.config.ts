import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The file that noticed the last mutant first, then the quickest: a run ends with the first failure, and a mutant of
 * code that runs while it is imported is tried on every file. Vitest's own order begins with the slowest.
 */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = (file: TestSpecification): number => {
      const last = this.ctx.cache.getTestSpecificationResult(file)
      return last?.failed ? -1 : (last?.duration ?? 0)
    }
    return files.toSorted((a, b) => rankOf(a) - rankOf(b))
  }
}

/** The tests of one package, without a database or a browser; Stryker's runner adds which of them run for a mutant. */
export default defineConfig({
  test: {
    include: (process.env['MUTANT_TESTS'] ?? '').split(' '),
    // Code that can be mutated is several times as large as the code itself: tests of the size of a bundle fail.
    exclude: ['**/node_modules/**', '**/*.pg.test.ts', '**/bundle.test.ts'],
    isolate: false,
    // Stryker's own limit decides, which grows with how long the tests took without a mutant. Where a test would time
    // out on a busy machine, a mutant would count as noticed.
    testTimeout: 600_000,
    sequence: { sequencer: QuickestFirst },
  },
})
