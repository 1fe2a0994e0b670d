const DEEPEST_CAUSE = 4

/** An error as log fields. Only what is listed here is written: an error may carry a query's values or a client. */
type ErrorFields = {
  type: string
  message: string
  code?: string
  stack?: string
  cause?: ErrorFields
}

export function errorFields(error: unknown, depth = 0): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  return {
    type: error.name,
    message: messageOf(error),
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth >= DEEPEST_CAUSE
      ? {}
      : { cause: errorFields(error.cause, depth + 1) }),
  }
}

/** The message of an error. A failed connection to a name with several addresses has it in its parts. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map((part) => messageOf(part)).join('; ')
  }
  return error instanceof Error ? error.message : String(error)
}

/** The cause of a failure whose own message is for others: the message of its innermost cause. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? reasonOf(error.cause) : messageOf(error)
}
