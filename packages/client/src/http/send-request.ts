import { NetworkError, redirected } from '../errors/network-error.ts'
import { exchange, type HttpAnswer } from './exchange.ts'
import type { HttpRequest } from './fetch.ts'
import type { HttpLink } from './http-link.ts'
import { redirectAddress } from './redirect.ts'

/**
 * Sends one request and reads its whole answer.
 * @throws NetworkError when no whole answer came: `offline` where the platform reports that there is no network,
 * `redirected` with the address of the server to which this one redirects
 */
export async function sendRequest(
  link: HttpLink,
  request: HttpRequest,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  try {
    return await exchange(link, request, signal)
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    if (error.kind === 'redirected') throw redirected(await redirectedTo(link, request, error, signal))
    if (error.kind !== 'unreachable' || link.connectivity.isOnline()) throw error
    throw new NetworkError('offline', 'There is no network.', { cause: error })
  }
}

const HEALTH = '/v1/health'

/**
 * The address of the server that a redirect points to; where the platform hides it, health is requested without a
 * credential.
 */
async function redirectedTo(
  link: HttpLink,
  { url }: HttpRequest,
  { address }: NetworkError,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  if (address !== null) return redirectAddress(address, url.slice(link.url.length))
  const asked: HttpRequest = {
    method: 'GET',
    url: `${link.url}${HEALTH}`,
    headers: {},
    followsRedirects: true,
  }
  try {
    const { url: answered } = await exchange(link, asked, signal)
    return answered === '' || answered === asked.url ? null : redirectAddress(answered, HEALTH)
  } catch {
    // Another origin may not be readable from here, or does not answer: the target is unknown.
    return null
  }
}
