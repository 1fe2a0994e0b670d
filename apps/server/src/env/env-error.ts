/** One variable that cannot be used. */
export type EnvIssue = {
  readonly name: string
  /** What was given, already fit for a terminal; never a secret. */
  readonly given: string
  readonly expected: string
}

/** Some environment variables are wrong; the message names all of them. Exit code 2. */
export class EnvError extends Error {
  override readonly name = 'EnvError'
  readonly issues: readonly EnvIssue[]

  constructor(issues: readonly EnvIssue[]) {
    const width = Math.max(...issues.map((issue) => issue.name.length))
    const lines = issues.map((issue) => `  ${issue.name.padEnd(width)}  ${issue.given}  ${issue.expected}`)
    const count =
      issues.length === 1 ? 'One environment variable is' : `${issues.length} environment variables are`
    super([`${count} not usable:`, ...lines, 'All variables are described in docs/operations.md.'].join('\n'))
    this.issues = issues
  }
}

/** What was typed behind the command means nothing. Exit code 2. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError'
}
