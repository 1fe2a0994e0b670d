/** The parts of the platform's `fetch` that are used. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>

export type FetchInit = {
  method: string
  headers: Record<string, string>
  body?: string | Uint8Array<ArrayBuffer>
  signal: AbortSignal
  cache: 'no-store'
  credentials: 'omit' | 'same-origin'
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
  /** Called once the platform has the whole request. */
  readonly onHandedOver?: (() => void) | undefined
  /** The browser's cookies for the server identify the caller: a person who has signed in (APP-76). */
  readonly sendsCookies?: boolean | undefined
  /** Only for a request without a credential. */
  readonly followsRedirects?: boolean | undefined
}

/**
 * Nothing is cached, and no cookie goes along with a device's credential. Redirects are not followed: a credential and notes
 * go to the configured address alone (ENG-54).
 */
export const fetchInit = (
  { method, headers, body, sendsCookies = false, followsRedirects = false }: HttpRequest,
  signal: AbortSignal,
): FetchInit => ({
  method,
  headers: { ...headers },
  signal,
  cache: 'no-store',
  credentials: sendsCookies ? 'same-origin' : 'omit',
  redirect: followsRedirects ? 'follow' : 'manual',
  ...(body === undefined ? {} : { body }),
})
