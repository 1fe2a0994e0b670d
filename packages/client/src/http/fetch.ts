/** The parts of the platform's `fetch` that are used. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>

export type FetchInit = {
  method: string
  headers: Record<string, string>
  body?: string | Uint8Array<ArrayBuffer>
  signal: AbortSignal
  cache: 'no-store'
  credentials: 'omit'
  redirect: 'manual' | 'follow'
}

/** One request, with everything it is to be sent with. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST'
  /** Absolute. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined
  /** It cannot be made smaller: the time limits allow for the slowest link. */
  readonly indivisible?: boolean | undefined
  /** Only for a request without a credential. */
  readonly followsRedirects?: boolean | undefined
}

/**
 * Nothing is cached, and cookies are not used as credentials. Redirects are not followed: a credential and notes go to
 * the configured address alone (ENG-54).
 */
export const fetchInit = (
  { method, headers, body, followsRedirects = false }: HttpRequest,
  signal: AbortSignal,
): FetchInit => ({
  method,
  headers: { ...headers },
  signal,
  cache: 'no-store',
  credentials: 'omit',
  redirect: followsRedirects ? 'follow' : 'manual',
  ...(body === undefined ? {} : { body }),
})
