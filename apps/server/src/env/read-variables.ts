import { readFileSync } from 'node:fs'

import type { z } from 'zod'

export type Environment = Readonly<Record<string, string | undefined>>

const LONGEST_SHOWN = 60

/**
 * Reads the variables that `shape` names; an empty one counts as not set, and unknown ones are ignored.
 * @param options.secret names whose value no message may show, and which a file may hold (RUN-50).
 * @param options.check finds inconsistencies between variables that are each valid.
 * @throws EnvError naming every bad variable at once.
 */
export function readVariables<T extends z.ZodObject>(
  shape: T,
  environment: Environment,
  options: { secret: ReadonlySet<string>; check?: (values: z.infer<T>) => EnvIssue[] },
): z.infer<T> {
  const names = Object.keys(shape.shape)
  const files = withSecretFiles(
    environment,
    names.filter((name) => options.secret.has(name)),
  )
  const given = Object.fromEntries(
    names.flatMap((name) => {
      const text = files.environment[name]?.trim()
      return text === undefined || text === '' ? [] : [[name, text]]
    }),
  )
  const parsed = shape.safeParse(given)
  const invalid = (parsed.error?.issues ?? []).map((issue) => {
    const name = String(issue.path[0])
    return { name, given: shown(name, given[name], options.secret), expected: issue.message }
  })
  if (!parsed.success || files.issues.length > 0) throw new EnvError([...files.issues, ...invalid])
  const issues = options.check?.(parsed.data) ?? []
  if (issues.length > 0) throw new EnvError(issues)
  return parsed.data
}

/**
 * The environment in which `<NAME>_FILE` has been replaced by `<NAME>` with the content of that file, for each of the
 * given secrets (RUN-50): container runtimes and service managers hand secrets over as files, which neither a list of
 * processes nor an inspected container shows.
 * @returns also what is wrong with the files; no issue shows their content.
 */
function withSecretFiles(
  environment: Environment,
  secrets: readonly string[],
): { environment: Environment; issues: EnvIssue[] } {
  const read: Record<string, string> = {}
  const issues: EnvIssue[] = []
  for (const secret of secrets) {
    const name = `${secret}_FILE`
    const file = environment[name]?.trim()
    if (file === undefined || file === '') continue
    const given = JSON.stringify(file)
    if ((environment[secret]?.trim() ?? '') !== '') {
      issues.push({ name, given, expected: `must not be set together with ${secret}` })
      continue
    }
    try {
      read[secret] = readFileSync(file, 'utf8')
    } catch (error) {
      issues.push({ name, given, expected: `must be the path of a file: ${reasonOf(error)}` })
      continue
    }
    if (read[secret].trim() === '') issues.push({ name, given, expected: 'must not be an empty file' })
  }
  return { environment: { ...environment, ...read }, issues }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

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
