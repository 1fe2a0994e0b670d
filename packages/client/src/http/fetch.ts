/** What of the platform's `fetch` is used. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>

export type FetchInit = {
  method: string
  headers: Record<string, string>
  body?: string | Uint8Array<ArrayBuffer>
  signal: AbortSignal
  cache: 'no-store'
  credentials: 'omit'
}

/** One request, with everything it is to be sent with. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST'
  /** Absolute. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined
}

/** Nothing is kept in a cache, and cookies are no credential of ours. */
export const fetchInit = ({ method, headers, body }: HttpRequest, signal: AbortSignal): FetchInit => ({
  method,
  headers: { ...headers },
  signal,
  cache: 'no-store',
  credentials: 'omit',
  ...(body === undefined ? {} : { body }),
})
