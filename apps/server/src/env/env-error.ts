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

/** An unknown command-line argument. Exit code 2. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError'
}
