/**
 * Why there is no answer of the server:
 * `offline` the platform says so · `timeout` it took too long · `aborted` the caller gave up · `unreachable` the
 * connection failed or was cut · `not_ours` something answered that is not a Fieldsync server.
 */
export type NetworkErrorKind = 'offline' | 'timeout' | 'aborted' | 'unreachable' | 'not_ours'

/** A call that got no answer of the server. What it asked for may have happened all the same. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError'
  readonly kind: NetworkErrorKind
  /** Of an answer that is `not_ours`. */
  readonly status: number | undefined

  constructor(
    kind: NetworkErrorKind,
    message: string,
    options: { readonly cause?: unknown; readonly status?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    this.status = options.status
  }

  /** Whether the same call may succeed later. */
  get retryable(): boolean {
    return this.kind !== 'aborted'
  }
}

/** What a failed connection is told as; a NetworkError stays what it is. */
export const unreachable = (cause: unknown): NetworkError =>
  cause instanceof NetworkError
    ? cause
    : new NetworkError('unreachable', 'The server cannot be reached, or the connection was cut.', { cause })
