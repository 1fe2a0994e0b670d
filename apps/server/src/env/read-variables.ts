import type { z } from 'zod'

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

/** One variable that cannot be used. */
export type EnvIssue = {
  readonly name: string
  /** The given value, safe for a terminal; never a secret. */
  readonly given: string
  readonly expected: string
}

/** Some environment variables are invalid; the message names all of them. Exit code 2. */
export class EnvError extends Error {
  override readonly name = 'EnvError'

  constructor(issues: readonly EnvIssue[]) {
    const width = Math.max(...issues.map((issue) => issue.name.length))
    const lines = issues.map((issue) => `  ${issue.name.padEnd(width)}  ${issue.given}  ${issue.expected}`)
    const count =
      issues.length === 1 ? 'One environment variable is' : `${issues.length} environment variables are`
    super(
      [`${count} not usable:`, ...lines, 'All variables are described in docs/operations/configure.md.'].join(
        '\n',
      ),
    )
  }
}
