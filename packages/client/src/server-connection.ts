import { CONTRACT_HEADER } from '@fieldsync/contracts'
import type {
  BatchAnswer,
  BatchCall,
  Clock,
  Connectivity,
  LivePoke,
  Random,
  Tabs,
  Transport,
} from '@fieldsync/sync-engine'

import { createApi, type FieldsyncApi } from './api/typed-api.ts'
import type { CredentialProvider } from './credentials/credential-provider.ts'
import { Renewals } from './credentials/renewals.ts'
import { Compression } from './http/compression.ts'
import type { HttpAnswer } from './http/exchange.ts'
import { httpLink, type HttpLinkOptions } from './http/http-link.ts'
import { retryAfterMs } from './http/retry-after.ts'
import { callOnce, callRenewing, type LinkOptions, type ServerCall } from './http/server-link.ts'
import { createLivePoke } from './live/live-poke.ts'
import { type LiveWeatherCall, liveWeatherCall } from './live/live-weather.ts'
import { sharedPoke } from './live/shared-poke.ts'
import { cryptoRandom } from './platform/crypto-random.ts'

/** The server, the caller, and what the platform replaces. */
export type ConnectionOptions = HttpLinkOptions & {
  readonly credentials: CredentialProvider
  readonly random?: Random | undefined
  /** The tabs of a browser, which then share one live stream (LIV-11); without them each has its own. */
  readonly tabs?: Tabs | undefined
}

/** All connections to one server, with one credential. */
export type ServerConnection = {
  readonly api: FieldsyncApi
  readonly liveWeather: LiveWeatherCall
  readonly transport: Transport
  readonly poke: LivePoke
  readonly clock: Clock
  readonly random: Random
  readonly connectivity: Connectivity
  /** Renews for everything that shares this connection. */
  readonly credentials: { renew(action: string): Promise<boolean>; forget(): Promise<void> }
  /** Notifies the client that a person has given the credential provider a new credential. */
  credentialsChanged(): void
}

/** @throws Error for an invalid address, or a platform without randomness */
export function connectServer(options: ConnectionOptions): ServerConnection {
  const { credentials, random = cryptoRandom(), tabs } = options
  const renewals = new Renewals(credentials)
  const link: LinkOptions = { ...httpLink(options), credentials, renewals, compression: new Compression() }
  const { clock, connectivity } = link
  const poke = createLivePoke(link, random)
  const name = credentials.name && `${credentials.name} ${link.url}`
  return {
    api: createApi(link),
    liveWeather: liveWeatherCall(link),
    transport: createBatchTransport(link),
    poke: tabs === undefined ? poke : sharedPoke(poke, { tabs, clock, name }),
    clock,
    random,
    connectivity,
    credentials: {
      renew: (action) => renewals.after(action, renewals.generation),
      forget: async () => await credentials.wipe?.forget(),
    },
    credentialsChanged: () => renewals.changed(),
  }
}

/**
 * Sends the engine's batches (REST, whose answers are the stored bytes). It returns every answer and renews nothing:
 * the engine decides how to react to a refusal.
 */
function createBatchTransport(link: LinkOptions): Transport {
  const send = async (call: ServerCall): Promise<BatchAnswer> => answerOf(await callOnce(link, call))
  const answerOf = (answer: HttpAnswer): BatchAnswer => {
    const wait = retryAfterMs(answer.headers, link.clock.now())
    const contract = answer.headers.get(CONTRACT_HEADER)
    return {
      status: answer.status,
      body: answer.text,
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
      ...(contract === null ? {} : { contract }),
    }
  }
  return {
    address: link.url,
    session: ({ signal }) => send({ method: 'GET', url: `${link.url}/v1/session`, signal }),
    syncBatch: async ({ idempotencyKey, uncompressed, ...call }: BatchCall) => {
      // The engine stores this for a limited time, after which compression is tried again.
      if (uncompressed !== undefined) link.compression.isOff = uncompressed
      const headers = { 'idempotency-key': idempotencyKey }
      const url = `${link.url}/v1/sync/batch`
      const answer = await send({ ...call, method: 'POST', url, headers })
      return { ...answer, uncompressed: link.compression.isOff }
    },
    acknowledgeWipe: async ({ deviceId, unsentDeleted, signal }) => {
      const { credentials } = link
      const proven: CredentialProvider = {
        headers: (request) => (credentials.wipe ?? credentials).headers(request),
        answered: (answer) => credentials.answered?.(answer),
        renew: (action) => credentials.renew(action),
      }
      const url = `${link.url}/v1/devices/${deviceId}:acknowledgeWipe`
      const body = JSON.stringify({ deviceId, clientId: credentials.wipe?.clientId, unsentDeleted })
      const own = { ...link, credentials: proven, renewals: new Renewals(proven) }
      return answerOf(await callRenewing(own, { method: 'POST', url, body, signal }))
    },
  }
}
