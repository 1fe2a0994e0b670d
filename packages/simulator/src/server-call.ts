/** One `POST /v1/sync/batch` as it reaches a server. */
export type ServerCall = {
  /** The device token, if the call brings one. */
  readonly token: string | undefined
  /** The raw `Idempotency-Key` header. */
  readonly key: string | undefined
  /** The exact text of the body. */
  readonly body: string
}

/** What a server answered; header names are in lower case. */
export type ServerAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
