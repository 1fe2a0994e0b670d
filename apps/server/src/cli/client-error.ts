const EXIT_CODES = { NOT_FOUND: 3, VALIDATION_ERROR: 2, REFUSED: 1, ALREADY_ENROLLED: 1 } as const

/** Why a command of the headless device did nothing; the message names the remedy. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: keyof typeof EXIT_CODES

  constructor(code: keyof typeof EXIT_CODES, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  get exitCode(): (typeof EXIT_CODES)[keyof typeof EXIT_CODES] {
    return EXIT_CODES[this.code]
  }
}
