import type { Script } from '../script/script.ts'
import type { Disagreement } from './run-both.ts'

/** What a failing test prints: where the servers differ, and the script in the form of a regression file. */
export function describeDisagreement(
  { at, one, other, step }: Disagreement,
  script: Script,
  seed?: number,
): string {
  const where = step === 'end' ? 'in what they hold at the end' : `at step ${step.id}`
  return [
    `The model and the server differ ${where}: ${at}`,
    `model:  ${shown(one)}`,
    `server: ${shown(other)}`,
    ...(seed === undefined ? [] : [`Repeat with SIM_SEED=${seed}.`]),
    `To keep it: save this as packages/simulator/src/regressions/scripts/<name>.json`,
    JSON.stringify({ about: `${at} differed`, run: script }),
  ].join('\n')
}

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  return text.length > 2000 ? `${text.slice(0, 2000)} …` : text
}
