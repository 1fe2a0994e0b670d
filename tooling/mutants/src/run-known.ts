import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'

import type { Copy } from './copy.ts'
import { ACCESS_MUTANTS } from './known/access.ts'
import { APPS_MUTANTS } from './known/apps.ts'
import { COMMIT_GROUP_MUTANTS } from './known/commit-groups.ts'
import { ENGINE_MUTANTS } from './known/engine.ts'
import { JOB_MUTANTS } from './known/jobs.ts'
import { KEY_MUTANTS } from './known/keys.ts'
import type { KnownMutant } from './known/known-mutant.ts'
import { MONITORING_MUTANTS } from './known/monitoring.ts'
import { PEOPLE_MUTANTS } from './known/people.ts'
import { REPLICA_MUTANTS } from './known/replicas.ts'
import { RULES_AND_AUDIT_MUTANTS } from './known/rules-and-audit.ts'
import { SERVER_MUTANTS } from './known/server.ts'
import { SERVICE_MUTANTS } from './known/services.ts'
import { SQL_MUTANTS } from './known/sql.ts'
import { SUCCESSOR_MUTANTS } from './known/successors.ts'
import { WEATHER_MUTANTS } from './known/weather.ts'
import { WIPE_MUTANTS } from './known/wipe.ts'

export const KNOWN: readonly KnownMutant[] = [
  ...SQL_MUTANTS,
  ...COMMIT_GROUP_MUTANTS,
  ...ACCESS_MUTANTS,
  ...KEY_MUTANTS,
  ...JOB_MUTANTS,
  ...SUCCESSOR_MUTANTS,
  ...REPLICA_MUTANTS,
  ...MONITORING_MUTANTS,
  ...WEATHER_MUTANTS,
  ...WIPE_MUTANTS,
  ...PEOPLE_MUTANTS,
  ...RULES_AND_AUDIT_MUTANTS,
  ...SERVICE_MUTANTS,
  ...SERVER_MUTANTS,
  ...ENGINE_MUTANTS,
  ...APPS_MUTANTS,
]

export type KnownResult = { mutant: KnownMutant; test: string | null; message: string }

type TestReport = {
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[]
  }[]
}

/** Plants each mutant in the copy, one after the other, and runs its tests; the file is put back after each. */
export async function* runKnown(copy: Copy, only: string): AsyncGenerator<KnownResult> {
  for (const mutant of KNOWN.filter(({ name, file }) => name.includes(only) || file.includes(only))) {
    const file = path.join(copy.folder, mutant.file)
    const source = readFileSync(file, 'utf8')
    writeFileSync(
      file,
      source.replace(mutant.find, () => mutant.replace),
    )
    try {
      yield { mutant, ...(await firstFailure(copy, mutant.tests)) }
    } finally {
      writeFileSync(file, source)
    }
  }
}

async function firstFailure(
  copy: Copy,
  tests: readonly string[],
): Promise<{ test: string | null; message: string }> {
  const report = path.join(copy.folder, '.data-mutant-report.json')
  writeFileSync(report, '{"testResults":[]}')
  // The apps are rebuilt only for tests that open them.
  const vitest = tests.some((test) => test.endsWith('.e2e.ts'))
    ? ['scripts/run.mjs', 'test', '--project', 'browser']
    : ['node_modules/vitest/vitest.mjs', 'run']
  const projects = ['--project', 'pure', '--project', 'pg', '--project', 'long']
  const options = ['--bail', '1', '--reporter', 'json', '--outputFile', report]
  await copy.run([...vitest, ...projects, ...options, ...tests], 'ignore')
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as TestReport
  for (const { assertionResults, status, message, name } of testResults) {
    const failed = assertionResults.find((result) => result.status === 'failed')
    if (failed) return { test: failed.fullName.trim(), message: firstLine(failed.failureMessages[0] ?? '') }
    // A file that cannot be loaded, or whose set-up fails, notices the mistake as well.
    if (status === 'failed' && message !== '') {
      return { test: path.relative(copy.folder, name), message: firstLine(message) }
    }
  }
  return {
    test: null,
    message: testResults.length === 0 ? 'no test ran' : `${testResults.length} files passed`,
  }
}

const firstLine = (text: string): string => stripVTControlCharacters(text).split('\n')[0] ?? ''
