import type { FieldScript } from './field-script.ts'
import type { FieldRun } from './run-field-script.ts'

const SHOWN = 12

/** What a person needs of a failed run: what broke, how to repeat it, and the script to keep as a regression. */
export function describeFieldRun({ findings }: FieldRun, shrunk: FieldScript, seed?: number): string {
  return [
    ...(seed === undefined ? [] : [`Seed ${seed}: SIM_SEED=${seed} repeats it.`]),
    ...findings.slice(0, SHOWN),
    `Shrunk to ${shrunk.steps.length} steps; to keep it, save this line in regressions/field/:`,
    JSON.stringify({ about: '', run: shrunk }),
  ].join('\n')
}
