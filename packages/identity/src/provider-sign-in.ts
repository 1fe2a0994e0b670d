import { AsyncLocalStorage } from 'node:async_hooks'

import type { ProviderError } from '@fieldsync/contracts'
import type { ProvidedPerson } from '@fieldsync/services'
import { genericOAuth } from 'better-auth/plugins'

import { cookieFrom, LIBRARY_COOKIES, withCookie } from './library-cookies.ts'
import { createLibrary, type Library, type LibraryOptions } from './library.ts'
import { groupsOf, type ProviderConfig, rolesOfGroups } from './provider-config.ts'
import { signedIn } from './session-view.ts'

/** How long a person waits for a provider, milliseconds. */
const LIMIT_MS = 8_000
/** Where the library would send a browser that could not sign in; read here, never followed. */
const FAILED = '/failed'

type Seen = { roles: ProvidedPerson['roles']; refused?: ProviderError }

/**
 * Signing in at one provider (PEO-17, PEO-18). It has an instance of the library of its own, made when it is first needed: one
 * that does not answer delays nobody who signs in by a password.
 */
export class ProviderSignIn {
  readonly #options: LibraryOptions
  readonly #config: ProviderConfig
  readonly #seen = new AsyncLocalStorage<Seen>()
  #library: Library | undefined

  constructor(options: LibraryOptions, config: ProviderConfig) {
    this.#options = options
    this.#config = config
  }

  async start(): Promise<{ url: string; state: string } | 'unavailable'> {
    const { id } = this.#config
    const started = await this.#bounded(async (library) => {
      const { response, headers } = await library.api.signInSocial({
        body: { provider: id, callbackURL: '/', errorCallbackURL: FAILED, disableRedirect: true },
        headers: new Headers(),
        returnHeaders: true,
      })
      const state = cookieFrom(headers, LIBRARY_COOKIES.state)
      return response.url === undefined || state === undefined ? undefined : { url: response.url, state }
    })
    return started ?? 'unavailable'
  }

  async finish(
    query: Readonly<Record<string, string>>,
    state: string | undefined,
  ): Promise<ProvidedPerson | { error: ProviderError }> {
    if (state === undefined) return { error: 'refused' }
    const store: { personId?: string } = {}
    const seen: Seen = { roles: [] }
    const answer = await signedIn.run(store, () =>
      this.#seen.run(seen, () =>
        this.#bounded((library) =>
          library.api.callbackOAuth({
            method: 'GET',
            params: { id: this.#config.id },
            query: { ...query },
            headers: withCookie(LIBRARY_COOKIES.state, state),
            asResponse: true,
          }),
        ),
      ),
    )
    if (seen.refused) return { error: seen.refused }
    if (!answer) return { error: 'unavailable' }
    if (store.personId !== undefined) return { personId: store.personId, roles: seen.roles }
    return { error: errorOf(answer.headers.get('location')) }
  }

  /** Undefined where the provider did not answer in time, or not as it should: the next call begins anew. */
  async #bounded<T>(work: (library: Library) => Promise<T | undefined>): Promise<T | undefined> {
    const late = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => late.resolve(undefined), LIMIT_MS)
    try {
      this.#library ??= this.#create()
      const library = this.#library
      // It asks the provider for its addresses before anything else.
      const done = await Promise.race([library.$context.then(() => work(library)), late.promise])
      if (done === undefined) this.#library = undefined
      return done
    } catch {
      this.#library = undefined
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }

  #create(): Library {
    const { id, name, issuer, clientId, clientSecret, scopes } = this.#config
    const discoveryUrl = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    return createLibrary(this.#options, [
      genericOAuth({
        config: [
          {
            providerId: id,
            name,
            discoveryUrl,
            clientId,
            clientSecret,
            scopes: [...scopes],
            pkce: true,
            requireIdTokenVerification: true,
            mapProfileToUser: (profile) => this.#profile(profile),
          },
        ],
      }),
    ])
  }

  /**
   * Decides on what the provider says of a person, before anything is stored: an address that it has not verified is neither
   * linked nor given an account, and nobody gets one whom nothing lets into a workspace.
   */
  async #profile(profile: Record<string, unknown>): Promise<{ name?: string }> {
    const seen = this.#seen.getStore()
    const roles = rolesOfGroups(this.#config.roles, groupsOf(profile[this.#config.groupsClaim]))
    if (seen) seen.roles = roles
    const { sub, email, email_verified: verified, name, preferred_username: username } = profile
    const address = typeof email === 'string' ? email.toLowerCase() : ''
    const known = await this.#known(String(sub), address)
    const refused = refusalOf({
      known,
      isVerified: verified === true,
      hasRole: roles.some(({ role }) => role),
    })
    if (refused) {
      if (seen) seen.refused = refused
      throw new Error('the person is not let in')
    }
    const shown = [name, username, email].find((each) => typeof each === 'string' && each !== '')
    return typeof shown === 'string' ? { name: shown.slice(0, 120) } : {}
  }

  async #known(subject: string, address: string): Promise<'linked' | 'same address' | undefined> {
    const { rows } = await this.#options.db.pool.query<{ linked: boolean; same: boolean }>(
      `SELECT EXISTS (SELECT FROM person_accounts WHERE provider_id = $1 AND account_id = $2) AS linked,
         EXISTS (SELECT FROM people WHERE email = $3) AS same`,
      [this.#config.id, subject, address],
    )
    if (rows[0]?.linked) return 'linked'
    return rows[0]?.same ? 'same address' : undefined
  }
}

function refusalOf(person: {
  known: 'linked' | 'same address' | undefined
  isVerified: boolean
  hasRole: boolean
}): ProviderError | undefined {
  if (person.known === 'linked') return undefined
  if (!person.isVerified) return person.known === undefined ? 'refused' : 'email_in_use'
  return person.known === undefined && !person.hasRole ? 'no_access' : undefined
}

/** Why the library has not signed a person in, from where it would have sent the browser. */
function errorOf(location: string | null): ProviderError {
  const error = location === null ? null : new URL(location, 'http://own.invalid').searchParams.get('error')
  if (error === 'access_denied') return 'cancelled'
  return error === 'invalid_code' || error === 'unable_to_get_user_info' ? 'unavailable' : 'refused'
}
