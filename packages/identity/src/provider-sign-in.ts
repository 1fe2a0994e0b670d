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

type Seen = {
  readonly signedInAs: string | undefined
  roles: ProvidedPerson['roles']
  isNewlyConnected: boolean
  refused?: ProviderError
}

/** Whose account the provider's person is, by the provider's own id of them or by their address. */
type Known = { readonly personId: string; readonly by: 'subject' | 'address'; readonly isProved: boolean }

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
    signedInAs?: string,
  ): Promise<ProvidedPerson | { error: ProviderError }> {
    if (state === undefined) return { error: 'refused' }
    const store: { personId?: string } = {}
    const seen: Seen = { signedInAs, roles: [], isNewlyConnected: false }
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
    const { roles, isNewlyConnected } = seen
    if (store.personId !== undefined) return { personId: store.personId, roles, isNewlyConnected }
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
      signedInAs: seen?.signedInAs,
      isVerified: verified === true,
      hasRole: roles.some(({ role }) => role),
    })
    if (refused) {
      if (seen) seen.refused = refused
      throw new Error('the person is not let in')
    }
    if (known?.by === 'address') {
      if (seen) seen.isNewlyConnected = true
      // The provider has verified the address, and the account's owner has signed in to it.
      if (!known.isProved)
        await this.#options.db.pool.query('UPDATE people SET email_verified = true WHERE id = $1', [
          known.personId,
        ])
    }
    const shown = [name, username, email].find((each) => typeof each === 'string' && each !== '')
    return typeof shown === 'string' ? { name: shown.slice(0, 120) } : {}
  }

  async #known(subject: string, address: string): Promise<Known | undefined> {
    const { rows } = await this.#options.db.pool.query<Known>(
      `SELECT person_id AS "personId", 'subject' AS by, true AS "isProved" FROM person_accounts
         WHERE provider_id = $1 AND account_id = $2
       UNION ALL SELECT id, 'address', email_verified FROM people WHERE email = $3`,
      [this.#config.id, subject, address],
    )
    return rows[0]
  }
}

/**
 * Why somebody whom the provider has authenticated is not let in. An account that there is under the same address is theirs only
 * where its address was verified, or where they have just signed in to it: whoever got somebody else's invitation may have made it
 * (PEO-20).
 */
function refusalOf(person: {
  known: Known | undefined
  signedInAs: string | undefined
  isVerified: boolean
  hasRole: boolean
}): ProviderError | undefined {
  const { known, signedInAs, isVerified, hasRole } = person
  if (signedInAs !== undefined && known?.personId !== signedInAs) return 'other_account'
  if (known?.by === 'subject') return undefined
  if (!isVerified) return known === undefined ? 'refused' : 'email_in_use'
  if (known === undefined) return hasRole ? undefined : 'no_access'
  return known.isProved || known.personId === signedInAs ? undefined : 'not_connected'
}

/** Why the library has not signed a person in, from where it would have sent the browser. */
function errorOf(location: string | null): ProviderError {
  const error = location === null ? null : new URL(location, 'http://own.invalid').searchParams.get('error')
  if (error === 'access_denied') return 'cancelled'
  return error === 'invalid_code' || error === 'unable_to_get_user_info' ? 'unavailable' : 'refused'
}
