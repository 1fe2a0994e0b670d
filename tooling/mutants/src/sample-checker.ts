import { hash } from 'node:crypto'

import { type Checker, CheckStatus } from '@stryker-mutator/api/check'
import type { Mutant, StrykerOptions } from '@stryker-mutator/api/core'
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'

/**
 * Takes a random sample of the mutants: Stryker counts the others as invalid, without running a test. Which ones they
 * are follows from the seed and each mutant's place and text, so that a run can be repeated.
 */
class SampleChecker implements Checker {
  static readonly inject = tokens(commonTokens.options)
  readonly #size: number
  readonly #seed: number
  #chosen = new Set<string>()

  constructor(options: StrykerOptions & { mutantSample?: { size: number; seed: number } }) {
    this.#size = options.mutantSample?.size ?? Number.POSITIVE_INFINITY
    this.#seed = options.mutantSample?.seed ?? 0
  }

  async init(): Promise<void> {}

  group(mutants: Mutant[]): Promise<string[][]> {
    const ranked = mutants
      .map((mutant) => ({ id: mutant.id, rank: this.#rank(mutant) }))
      .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
      .map(({ id }) => id)
    this.#chosen = new Set(ranked.slice(0, this.#size))
    return Promise.resolve([ranked])
  }

  check(mutants: Mutant[]): ReturnType<Checker['check']> {
    return Promise.resolve(
      Object.fromEntries(
        mutants.map(({ id }) => [
          id,
          this.#chosen.has(id)
            ? { status: CheckStatus.Passed }
            : { status: CheckStatus.CompileError, reason: 'not in the sample' },
        ]),
      ),
    )
  }

  #rank({ fileName, location: { start, end }, replacement }: Mutant): string {
    const place = [start.line, start.column, end.line, end.column].join(':')
    return hash('sha256', `${this.#seed} ${fileName} ${place} ${replacement}`, 'hex')
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, 'sample', SampleChecker)]
