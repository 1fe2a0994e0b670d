import type { IdentityPort, SecondFactor } from '@fieldsync/services'
import { isAPIError } from 'better-auth/api'

import { isGuessable } from './guessable.ts'
import { cookieFrom, LIBRARY_COOKIES, withCookie, withSession } from './library-cookies.ts'
import { createLibrary, type LibraryOptions } from './library.ts'
import type { ProviderConfig } from './provider-config.ts'
import { ProviderSignIn } from './provider-sign-in.ts'
import { signedIn } from './session-view.ts'

export type IdentityOptions = LibraryOptions & { readonly providers?: readonly ProviderConfig[] }

/**
 * The credentials of people, by better-auth behind the port of the services (decision 0029). A refusal of the library is a value
 * here; whatever else goes wrong is thrown.
 */
export async function createIdentity(options: IdentityOptions): Promise<IdentityPort> {
  const { db, secrets, providers = [] } = options
  const library = createLibrary(options)
  const context = await library.$context
  const [{ value: secret } = { value: '' }] = secrets
  const byId = new Map(providers.map((config) => [config.id, new ProviderSignIn(options, config)]))

  const storedPassword = async (personId: string): Promise<string | undefined> => {
    const { rows } = await db.pool.query<{ password: string | null }>(
      `SELECT password FROM person_accounts WHERE person_id = $1 AND provider_id = 'credential'`,
      [personId],
    )
    return rows[0]?.password ?? undefined
  }

  return {
    providers: providers.map(({ id, name }) => ({ id, name })),
    isGuessable,
    hashPassword: (password) => context.password.hash(password),
    checkPassword: async (personId, password) => {
      const hash = await storedPassword(personId)
      return hash !== undefined && (await context.password.verify({ hash, password }))
    },
    signIn: (email, password) =>
      unlessRefused(async () => {
        const { response, headers } = await library.api.signInEmail({
          body: { email, password },
          headers: new Headers(),
          returnHeaders: true,
        })
        const challenge = cookieFrom(headers, LIBRARY_COOKIES.challenge)
        return challenge === undefined ? { personId: response.user.id } : { challenge }
      }),
    challenged: async (challenge) => {
      const [identifier = ''] = challenge.split('.', 1)
      if (!identifier.startsWith('2fa-')) return undefined
      const { rows } = await db.pool.query<{ value: string }>(
        'SELECT value FROM person_verifications WHERE identifier = $1 AND expires_at > now()',
        [identifier],
      )
      return rows[0]?.value
    },
    answerChallenge: (challenge, factor) =>
      unlessRefused(async () => {
        const headers = withCookie(LIBRARY_COOKIES.challenge, challenge)
        const store: { personId?: string } = {}
        await signedIn.run(store, () => verify(headers, factor))
        return store.personId === undefined ? undefined : { personId: store.personId }
      }),
    startTwoFactor: (token, password) =>
      unlessRefused(async () => {
        const headers = withSession(secret, token)
        const started = await library.api.enableTwoFactor({ body: { password, method: 'totp' }, headers })
        if (!('totpURI' in started)) return undefined
        const { totpURI: uri, backupCodes: recoveryCodes } = started
        return { uri, secret: new URL(uri).searchParams.get('secret') ?? '', recoveryCodes }
      }),
    checkCode: async (token, code) => {
      const headers = withSession(secret, token)
      return (await unlessRefused(() => verify(headers, { code }))) !== undefined
    },
    stopTwoFactor: async (token, password) => {
      const headers = withSession(secret, token)
      return (
        (await unlessRefused(() => library.api.disableTwoFactor({ body: { password }, headers }))) !==
        undefined
      )
    },
    startProvider: async (id) => byId.get(id)?.start(),
    finishProvider: async (id, query, state, signedInAs) =>
      (await byId.get(id)?.finish(query, state, signedInAs)) ?? { error: 'refused' },
  }

  function verify(headers: Headers, factor: SecondFactor) {
    return 'code' in factor
      ? library.api.verifyTOTP({ body: { code: factor.code.replaceAll(/\s/g, '') }, headers })
      : library.api.verifyBackupCode({ body: { code: factor.recoveryCode.trim() }, headers })
  }
}

/** What a call of the library gives; undefined where it refuses. @throws its failures */
async function unlessRefused<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call()
  } catch (error) {
    if (isAPIError(error) && error.statusCode < 500) return undefined
    throw error
  }
}
