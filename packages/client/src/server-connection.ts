import type { Clock, Connectivity, LivePoke, Random, Tabs, Transport } from '@fieldsync/sync-engine'

import { createApi, type FieldsyncApi } from './api/typed-api.ts'
import type { CredentialProvider } from './credentials/credential-provider.ts'
import { Renewals } from './credentials/renewals.ts'
import { Compression } from './http/compression.ts'
import type { Fetch } from './http/fetch.ts'
import type { LinkOptions } from './http/server-link.ts'
import { TIME_LIMITS, type TimeLimits } from './http/time-limits.ts'
import { createLivePoke } from './live/live-poke.ts'
import { sharedPoke } from './live/shared-poke.ts'
import { cryptoRandom } from './platform/crypto-random.ts'
import { platformConnectivity } from './platform/platform-connectivity.ts'
import { systemClock } from './platform/system-clock.ts'
import { createBatchTransport } from './sync/batch-transport.ts'

/** Where the server is, who calls it, and what of the platform is not as usual. */
export type ConnectionOptions = {
  /** Address of the server, as `https://sync.example.com`; a path in front of it is kept. */
  readonly url: string
  readonly credentials: CredentialProvider
  /** Default: the platform's. Live pokes need one that gives an answer's body piece by piece. */
  readonly fetch?: Fetch | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  readonly connectivity?: Connectivity | undefined
  /** The tabs of a browser, which then have one live stream in common (LIV-11); without them each has its own. */
  readonly tabs?: Tabs | undefined
  readonly limits?: Partial<TimeLimits> | undefined
}

/** Every way to one server, with one credential. */
export type ServerConnection = {
  readonly api: FieldsyncApi
  readonly transport: Transport
  readonly poke: LivePoke
  readonly clock: Clock
  readonly random: Random
  readonly connectivity: Connectivity
  /** Renews for everyone who shares this connection. */
  readonly credentials: { renew(action: string): Promise<boolean> }
  /** The credential provider has another credential than before, from a person. */
  credentialsChanged(): void
}

/** @throws Error for an address that is none, or a platform without randomness */
export function connectServer(options: ConnectionOptions): ServerConnection {
  const { credentials, clock = systemClock, random = cryptoRandom(), tabs } = options
  const { connectivity = platformConnectivity() } = options
  const renewals = new Renewals(credentials)
  const link: LinkOptions = {
    url: serverUrl(options.url),
    // Called unbound, some platforms' own refuse.
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    clock,
    limits: { ...TIME_LIMITS, ...options.limits },
    credentials,
    renewals,
    connectivity,
    compression: new Compression(),
  }
  const poke = createLivePoke(link, random)
  const name = credentials.name && `${credentials.name} ${link.url}`
  return {
    api: createApi(link),
    transport: createBatchTransport(link),
    poke: tabs === undefined ? poke : sharedPoke(poke, { tabs, clock, name }),
    clock,
    random,
    connectivity,
    credentials: { renew: (action) => renewals.after(action, renewals.generation) },
    credentialsChanged: () => renewals.changed(),
  }
}

function serverUrl(text: string): string {
  const { protocol, origin, pathname } = new URL(text)
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new Error('The url of a server begins with https:// or http://')
  return `${origin}${pathname}`.replace(/\/+$/, '')
}
