import { type CredentialProvider, deviceToken } from '../credentials/credential-provider.ts'
import { Renewals } from '../credentials/renewals.ts'
import { Compression } from '../http/compression.ts'
import type { LinkOptions } from '../http/server-link.ts'
import { TIME_LIMITS } from '../http/time-limits.ts'
import { alwaysOnline } from '../platform/platform-connectivity.ts'
import { systemClock } from '../platform/system-clock.ts'

/** A link to a server with defaults for everything that a test does not set. */
export function testLink(
  options: Pick<LinkOptions, 'url'> & Partial<Omit<LinkOptions, 'renewals'>>,
): LinkOptions {
  const credentials: CredentialProvider = options.credentials ?? deviceToken('token-of-a-test')
  return {
    fetch: (url, init) => fetch(url, init),
    clock: systemClock,
    limits: TIME_LIMITS,
    connectivity: alwaysOnline,
    compression: new Compression(),
    ...options,
    credentials,
    renewals: new Renewals(credentials),
  }
}
