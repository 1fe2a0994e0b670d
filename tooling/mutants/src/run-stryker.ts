// Mutates the checkout that this file is in, in place, and writes what became of each mutant. Run in a copy only.
import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { Stryker } from '@stryker-mutator/core'

import { MUTATED_PACKAGES } from './packages.ts'
import type { Outcome } from './reviewed.ts'
import { outcomeOf, readSources } from './survivor-reporter.ts'

export type Order = {
  package: string
  /** The files to mutate. */
  mutate: readonly string[]
  sample: { size: number; seed: number } | null
  workers: number
  /** Where the outcomes go, as JSON. */
  file: string
}

type Options = ConstructorParameters<typeof Stryker>[0] & { mutantSample?: Order['sample'] }

const order = JSON.parse(process.argv[2] ?? '') as Order
process.env['MUTANT_TESTS'] = MUTATED_PACKAGES[order.package]?.tests.join(' ')
const own = (file: string): string => path.join(import.meta.dirname, file)

// `mutantSample` is an option of our own checker.
const options: Options = {
  // Packages find each other through links in node_modules, which lead out of a sandbox, back to the code as it is.
  inPlace: true,
  mutate: [...order.mutate],
  testRunner: 'vitest',
  vitest: { configFile: own('vitest.config.ts'), related: false },
  plugins: ['@stryker-mutator/vitest-runner', own('sample-checker.ts'), own('survivor-reporter.ts')],
  ...(order.sample ? { checkers: ['sample'], mutantSample: order.sample } : {}),
  coverageAnalysis: 'perTest',
  concurrency: order.workers,
  timeoutMS: 30_000,
  dryRunTimeoutMinutes: 15,
  reporters: ['progress-append-only', 'survivors'],
  allowConsoleColors: false,
  warnings: false,
  cleanTempDir: 'always',
  tempDirName: '.data/stryker',
}
readSources(order.mutate)
const results = await new Stryker(options).runMutationTest()
const outcomes: Outcome[] = results.filter(({ status }) => status !== 'CompileError').map(outcomeOf)
writeFileSync(order.file, JSON.stringify(outcomes))
