import { readFileSync } from 'node:fs'
import path from 'node:path'

import type { MutantResult } from '@stryker-mutator/api/core'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import type { Reporter } from '@stryker-mutator/api/report'

import { isReviewed, isSurvivor, type Outcome } from './reviewed.ts'

const sources = new Map<string, readonly string[]>()

/** Reads files before they are mutated in place. */
export function readSources(files: readonly string[]): void {
  for (const file of files) sources.set(path.resolve(file), readFileSync(file, 'utf8').split('\n'))
}

/** What became of a mutant, with the code that it replaced; {@link readSources} has read its file. */
export function outcomeOf(result: Readonly<MutantResult>): Outcome {
  const { fileName, replacement, status, killedBy, statusReason } = result
  const { start, end } = result.location
  const lines = (sources.get(path.resolve(fileName)) ?? []).slice(start.line - 1, end.line)
  lines.push((lines.pop() ?? '').slice(0, end.column - 1))
  lines.unshift((lines.shift() ?? '').slice(start.column - 1))
  return {
    file: path.relative(process.cwd(), fileName),
    line: start.line,
    code: lines.join('\n'),
    replacement: replacement ?? '',
    status,
    noticedBy: killedBy?.[0] ?? statusReason ?? null,
  }
}

/** Prints each survivor that is not reviewed at once: a run may take an hour, and may be stopped before its end. */
class SurvivorReporter implements Reporter {
  onMutantTested(result: Readonly<MutantResult>): void {
    const outcome = outcomeOf(result)
    if (!isSurvivor(outcome) || isReviewed(outcome)) return
    const untested = outcome.status === 'NoCoverage' ? ' (no test reaches it)' : ''
    const { file, line, code, replacement } = outcome
    console.log(`survived${untested}: ${file}:${line}\n  - ${inOneLine(code)}\n  + ${inOneLine(replacement)}`)
  }
}

function inOneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > 140 ? `${line.slice(0, 137)}...` : line
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Reporter, 'survivors', SurvivorReporter)]
