import { AUTH_ROUTES, type AuthRouteName } from '@fieldsync/contracts'
import type { z } from 'zod'

import type { CredentialProvider } from '../credentials/credential-provider.ts'
import { Renewals } from '../credentials/renewals.ts'
import { fieldsyncError } from '../errors/fieldsync-error.ts'
import { NetworkError } from '../errors/network-error.ts'
import { Compression } from '../http/compression.ts'
import { httpLink, type HttpLinkOptions } from '../http/http-link.ts'
import { callRenewing, type LinkOptions, parsedJson, refusalOf } from '../http/server-link.ts'

type InputOf<N extends AuthRouteName> = z.input<(typeof AUTH_ROUTES)[N]['input']>
type OutputOf<N extends AuthRouteName> = z.output<(typeof AUTH_ROUTES)[N]['output']>

/**
 * Calls a route of people by its name, such as `auth('signIn', { email, password })`; the browser keeps the cookie.
 *
 * @throws FieldsyncError when the server refuses; NetworkError without an answer, or with that of another server
 */
export type AuthApi = <N extends AuthRouteName>(
  name: N,
  input: InputOf<N>,
  options?: { readonly signal?: AbortSignal },
) => Promise<OutputOf<N>>

type AuthOptions = HttpLinkOptions & {
  /** Lets the person prove again who they are, where the server requires that of a change (APP-79). */
  readonly reauthenticate?: CredentialProvider['reauthenticate']
}

/** The routes under `/auth` of one server, for a person in a browser. */
export function connectAuth({ reauthenticate, ...options }: AuthOptions): AuthApi {
  const credentials: CredentialProvider = {
    sendsCookies: true,
    headers: () => ({}),
    renew: () => Promise.resolve(false),
    ...(reauthenticate === undefined ? {} : { reauthenticate }),
  }
  const link: LinkOptions = {
    ...httpLink(options),
    credentials,
    renewals: new Renewals(credentials),
    compression: new Compression(),
  }
  return async (name, input, { signal } = {}) => {
    const { method, path, output } = AUTH_ROUTES[name]
    const body = method === 'POST' ? JSON.stringify(input) : undefined
    const answer = await callRenewing(link, { method, url: `${link.url}${path}`, body, signal })
    const refusal = refusalOf(link, answer)
    if (refusal) throw fieldsyncError(refusal)
    const { status, text } = answer
    const read = output.safeParse(status === 200 ? parsedJson(text) : undefined)
    // The schema is that of the name.
    if (read.success) return read.data as OutputOf<typeof name>
    throw new NetworkError('not_ours', `A server that is not Fieldsync answered ${status}.`, { status })
  }
}
