import type { z } from 'zod'

import { EnvError, type EnvIssue } from './env-error.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const LONGEST_SHOWN = 60

/**
 * Reads the variables that `shape` names; an empty one counts as not set, and unknown ones are ignored.
 * @param options.secret names whose value no message may show.
 * @param options.check finds inconsistencies between variables that are each valid.
 * @throws EnvError naming every bad variable at once.
 */
export function readVariables<T extends z.ZodObject>(
  shape: T,
  environment: Environment,
  options: { secret: ReadonlySet<string>; check?: (values: z.infer<T>) => EnvIssue[] },
): z.infer<T> {
  const given = Object.fromEntries(
    Object.keys(shape.shape).flatMap((name) => {
      const text = environment[name]?.trim()
      return text === undefined || text === '' ? [] : [[name, text]]
    }),
  )
  const parsed = shape.safeParse(given)
  if (!parsed.success) {
    throw new EnvError(
      parsed.error.issues.map((issue) => {
        const name = String(issue.path[0])
        return { name, given: shown(name, given[name], options.secret), expected: issue.message }
      }),
    )
  }
  const issues = options.check?.(parsed.data) ?? []
  if (issues.length > 0) throw new EnvError(issues)
  return parsed.data
}

function shown(name: string, value: string | undefined, secret: ReadonlySet<string>): string {
  if (value === undefined) return '(not set)'
  if (secret.has(name)) return '(value hidden)'
  return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value)
}
