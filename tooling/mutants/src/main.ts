import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'

import { changedSince, Copy } from './copy.ts'
import { MUTATED_PACKAGES } from './packages.ts'
import { type Outcome, scoreOf } from './reviewed.ts'
import { runKnown } from './run-known.ts'
import type { Order } from './run-stryker.ts'

const NAMES = Object.keys(MUTATED_PACKAGES)

const HELP = `npm run mutants -- [options] <what> ...

Breaks the code on purpose, one mistake at a time, in a copy of the checkout, and runs the tests that should notice it.

What:
  ${NAMES.join(', ')}
                  every mistake that Stryker can make in this package
  known           the known mistakes of SQL, wiring and apps
  all             all of these, one after the other

Options:
  --sample <n>    a random sample of n mutants of each package
  --seed <n>      of the sample (default: one that is printed)
  --since <ref>   only files that differ from this commit
  --only <text>   known: those whose name or file contains this; a package: files whose path contains this
  --workers <n>   test processes at once (default 2)

Survivors that are not in tooling/mutants/reviewed.json are listed. The exit code is 1 where a known mistake survives, or
fewer mutants of a package are noticed than tooling/mutants/src/packages.ts asks for; with --since, where any survives.`

const { values, positionals } = parseArgs({
  options: {
    sample: { type: 'string' },
    seed: { type: 'string' },
    since: { type: 'string' },
    only: { type: 'string', default: '' },
    workers: { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})

/** Runs Stryker on a package in the copy; it prints the survivors. @returns whether enough mutants are noticed */
async function mutate(copy: Copy, name: string): Promise<boolean> {
  const chosen = chosenFiles(name)
  if (chosen.length === 0) {
    console.log(`${name}: no file to mutate`)
    return true
  }
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-mutants-'))
  const order: Order = {
    package: name,
    mutate: chosen,
    sample: values.sample === undefined ? null : { size: Number(values.sample), seed },
    workers: Number(values.workers),
    file: path.join(folder, 'outcomes.json'),
  }
  try {
    const exit = await copy.run(['tooling/mutants/src/run-stryker.ts', JSON.stringify(order)], 'inherit')
    if (exit !== 0) throw new Error(`Stryker ended with ${exit}.`)
    const outcomes = JSON.parse(readFileSync(order.file, 'utf8')) as Outcome[]
    const { noticed, survived, reviewed, percent } = scoreOf(outcomes)
    const sample = order.sample ? `, a sample with seed ${seed}` : ''
    console.log(
      `${name}: ${percent.toFixed(1)} % noticed (${noticed} of ${noticed + survived.length}${sample}); ` +
        `${survived.length} survived, ${reviewed} more are reviewed`,
    )
    const least = values.since === undefined ? (MUTATED_PACKAGES[name]?.least ?? 0) : 100
    if (percent < least) console.log(`${name}: at least ${least} % must be noticed`)
    return percent >= least
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The files of a package that the options leave. */
function chosenFiles(name: string): string[] {
  const changed = values.since === undefined ? null : new Set(changedSince(values.since))
  const files = MUTATED_PACKAGES[name]?.files() ?? []
  return files.filter((file) => file.includes(values.only) && (changed?.has(file) ?? true))
}

/** @returns whether each known mutant is noticed */
async function runAllKnown(copy: Copy): Promise<boolean> {
  let survivors = 0
  let count = 0
  for await (const { mutant, test, message } of runKnown(copy, values.only)) {
    count += 1
    if (test === null) survivors += 1
    console.log(
      test === null
        ? `SURVIVED ${mutant.name} (${mutant.breaks}): ${message}`
        : `noticed ${mutant.name}: "${test}"\n  ${message}`,
    )
  }
  console.log(`known: ${count - survivors} of ${count} noticed`)
  return survivors === 0
}

const chosen = positionals.includes('all') ? [...NAMES, 'known'] : positionals
const unknown = chosen.filter((name) => name !== 'known' && !NAMES.includes(name))
if (values.help || positionals.length === 0 || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no "${unknown[0]}" to mutate.\n`)
  console.log(HELP)
  process.exit(values.help ? 0 : 2)
}
await using copy = await Copy.create()
for (const name of chosen) {
  const isEnough = await (name === 'known' ? runAllKnown(copy) : mutate(copy, name))
  if (!isEnough) process.exitCode = 1
}
