import type { HttpRequest } from './fetch.ts'

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Whether an answer sends its caller to another address (LIV-12, ENG-54): undefined where it does not, null where the
 * platform does not show the address, as browsers do.
 */
export function redirectOf(
  response: Pick<Response, 'status' | 'type' | 'headers' | 'redirected' | 'url'>,
  { url }: Pick<HttpRequest, 'url'>,
): string | null | undefined {
  if (response.type === 'opaqueredirect') return null
  // A platform that follows redirects regardless: at least its answer is not trusted.
  if (response.redirected) return response.url
  if (!REDIRECTS.has(response.status)) return undefined
  const location = response.headers.get('location')
  return location === null || !canParse(location, url) ? null : new URL(location, url).href
}

/**
 * The address of the server that a redirect points to: the part before the path of the call, or the whole address if
 * the redirect leads to something else, such as a sign-in page. Without a query, which may contain a secret.
 *
 * @param called the path of the call at that server, with a leading slash
 */
export function redirectAddress(target: string | null, called: string): string | null {
  if (target === null || !canParse(target)) return null
  const { protocol, origin, pathname } = new URL(target)
  if (protocol !== 'https:' && protocol !== 'http:') return null
  const path = called.replace(/[?#].*$/, '')
  const base = pathname.endsWith(path) ? pathname.slice(0, -path.length) : pathname
  return `${origin}${base}`.replace(/\/+$/, '')
}

// Older browsers have no URL.canParse.
function canParse(text: string, base?: string): boolean {
  try {
    return new URL(text, base).href !== ''
  } catch {
    return false
  }
}
