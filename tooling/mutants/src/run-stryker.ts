// Mutates the checkout that this file is in, in place, and writes what became of each mutant. Run in a copy only.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { Stryker } from '@stryker-mutator/core'

import { MUTATED_PACKAGES } from './packages.ts'
import type { Outcome } from './reviewed.ts'

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
  plugins: ['@stryker-mutator/vitest-runner', own('sample-checker.ts')],
  ...(order.sample ? { checkers: ['sample'], mutantSample: order.sample } : {}),
  coverageAnalysis: 'perTest',
  concurrency: order.workers,
  timeoutMS: 10_000,
  dryRunTimeoutMinutes: 15,
  reporters: ['progress-append-only'],
  allowConsoleColors: false,
  warnings: false,
  cleanTempDir: 'always',
  tempDirName: '.data/stryker',
}
const results = await new Stryker(options).runMutationTest()

// The files are as they were again.
const sources = new Map<string, string[]>()
function linesOf(file: string): string[] {
  const lines = sources.get(file) ?? readFileSync(file, 'utf8').split('\n')
  sources.set(file, lines)
  return lines
}

const outcomes: Outcome[] = results
  .filter(({ status }) => status !== 'CompileError')
  .map(({ fileName, location: { start, end }, replacement, status, killedBy, statusReason }) => {
    const lines = linesOf(fileName).slice(start.line - 1, end.line)
    lines.push((lines.pop() ?? '').slice(0, end.column - 1))
    lines.unshift((lines.shift() ?? '').slice(start.column - 1))
    return {
      file: path.relative(process.cwd(), fileName),
      line: start.line,
      code: lines.join('\n'),
      replacement,
      status,
      noticedBy: killedBy?.[0] ?? statusReason ?? null,
    }
  })
writeFileSync(order.file, JSON.stringify(outcomes))
