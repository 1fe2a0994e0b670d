import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const tests = (process.env['MUTANT_TESTS'] ?? '').split(' ')

/** What each file took at most: a run for one mutant is filtered, and may end early. */
const durations = new Map<string, number>()

/**
 * The files that failed for the last mutant first, since the next one is often beside it, then the quick ones: a run ends
 * at the first test that fails.
 */
class LikelyAndQuickFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ranks = new Map(files.map((file) => [file, this.#rank(file)]))
    return Promise.resolve(files.toSorted((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0)))
  }

  #rank(file: TestSpecification): number {
    const last = this.ctx.cache.getTestSpecificationResult(file)
    const duration = Math.max(durations.get(file.moduleId) ?? 0, last?.duration ?? 0)
    durations.set(file.moduleId, duration)
    return last?.failed === true ? -1 : duration
  }
}

/** The tests of one package, without a database or a browser; Stryker's runner adds which of them run for a mutant. */
export default defineConfig({
  test: {
    include: tests.filter((glob) => !glob.startsWith('!')),
    exclude: [
      '**/node_modules/**',
      '**/*.pg.test.ts',
      // Code that can be mutated is several times as large as the code itself: tests of the size of a bundle fail.
      '**/bundle.test.ts',
      ...tests.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1)),
    ],
    isolate: false,
    // Stryker's own limit decides, which grows with how long the tests took without a mutant. Where a test would time
    // out on a busy machine, a mutant would count as noticed.
    testTimeout: 600_000,
    sequence: { sequencer: LikelyAndQuickFirst },
  },
})
