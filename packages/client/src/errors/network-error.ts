/**
 * Why there is no answer from the server: `offline` reported by the platform · `timeout` it took too long · `aborted`
 * by the caller · `unreachable` the connection failed or was cut · `redirected` the address redirects, and the call did
 * not follow (ENG-54) · `not_ours` something answered that is not a Fieldsync server · `busy` the server gives no token for
 * now.
 */
export type NetworkErrorKind =
  | 'offline'
  | 'timeout'
  | 'aborted'
  | 'unreachable'
  | 'redirected'
  | 'not_ours'
  | 'busy'

/** A call that got no answer from the server. It may have taken effect all the same. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError'
  readonly kind: NetworkErrorKind
  /** Of an answer that is `not_ours` or `busy`. */
  readonly status: number | undefined
  /** Of a server that is `busy`: when to retry, in milliseconds from now; undefined where it does not say. */
  readonly retryAfterMs: number | undefined
  /** Of an address that is `redirected`: the address of the server to which it redirects; null where that cannot be read. */
  readonly address: string | null

  constructor(
    kind: NetworkErrorKind,
    message: string,
    options: {
      readonly cause?: unknown
      readonly status?: number
      readonly retryAfterMs?: number | undefined
      readonly address?: string | null
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    this.status = options.status
    this.retryAfterMs = options.retryAfterMs
    this.address = options.address ?? null
  }

  /** Whether the same call may succeed later. */
  get retryable(): boolean {
    return this.kind !== 'aborted'
  }
}

/** The error of a call whose address redirects. @param address as in {@link NetworkError.address} */
export const redirected = (address: string | null): NetworkError =>
  new NetworkError(
    'redirected',
    `This address redirects to ${address ?? 'another one'}; nothing was sent there.`,
    { address },
  )

/** The NetworkError for a failed connection; a NetworkError is returned unchanged. */
export const unreachable = (cause: unknown): NetworkError =>
  cause instanceof NetworkError
    ? cause
    : new NetworkError('unreachable', 'The server cannot be reached, or the connection was cut.', { cause })
