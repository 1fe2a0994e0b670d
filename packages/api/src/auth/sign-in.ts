import {
  type AuthOk,
  type AuthSession,
  PROVIDER_ERROR_KEY,
  type ProviderError,
  type ProviderInput,
  type ProviderRedirect,
  type SecondFactorInput,
  type SignedIn,
  type SignInInput,
} from '@fieldsync/contracts'
import {
  applyProviderRoles,
  claimCode,
  connectedProviders,
  endSessions,
  hasPeople,
  isInvited,
  noteAccountEvent,
  ServiceError,
  workspacesOfPerson,
} from '@fieldsync/services'

import { refusable } from '../http/authenticate-request.ts'
import { clearCookie, readCookie, setCookie } from '../http/cookies.ts'
import {
  type AuthRequest,
  currentSession,
  digest,
  requireCookies,
  signIn,
  spendAttempt,
  wrong,
} from './auth-request.ts'

const OK: AuthOk = { ok: true }
/** The console's page on which a person connects their account. */
const ACCOUNT_PAGE = '/account'

/** Who is signed in, where they may work, and how others can sign in. */
export async function getAuthSession(request: AuthRequest): Promise<AuthSession> {
  const { ctx, identity } = request
  const session = (await currentSession(request))?.session
  const { personId, name = '', email = '', twoFactor = false } = session ?? {}
  return {
    person:
      personId === undefined
        ? null
        : {
            personId,
            name,
            email,
            twoFactor,
            connectedProviders: await connectedProviders(ctx, personId),
          },
    workspaces: personId === undefined ? [] : await workspacesOfPerson(ctx, personId),
    providers: [...identity.providers],
    firstPerson: session === undefined && !(await hasPeople(ctx)),
  }
}

/** By address and password (PEO-10). Wrong ones are answered alike, whatever was wrong. */
export async function signInByPassword(request: AuthRequest, input: SignInInput): Promise<SignedIn> {
  const { api, req, res, identity } = request
  requireCookies(request)
  const email = input.email.toLowerCase()
  const address = req.ip ?? ''
  await spendAttempt(request, [`sign-in-address:${address}`, `sign-in:${digest(`${email}\n${address}`)}`])
  const outcome = await refusable(api, req, async () => {
    const found = await identity.signIn(email, input.password)
    if (!found) throw wrong('The address or the password is wrong.')
    return found
  })
  if ('challenge' in outcome) {
    setCookie(api, req, res, 'challenge', outcome.challenge)
    return { secondFactor: true }
  }
  await signIn(request, outcome.personId)
  return OK
}

/** The second step: a code that was not used before, or a recovery code (PEO-13). */
export async function answerSecondFactor(request: AuthRequest, input: SecondFactorInput): Promise<AuthOk> {
  const { api, req, ctx, identity } = request
  requireCookies(request)
  const challenge = readCookie(api, req, 'challenge')
  const personId = challenge === undefined ? undefined : await identity.challenged(challenge)
  if (challenge === undefined || personId === undefined)
    throw wrong('Begin again with your address and password.', 'expired')
  await spendAttempt(request, [
    `second-factor:${digest(`${personId}\n${req.ip ?? ''}`)}`,
    `second-factor-person:${personId}`,
  ])
  await refusable(api, req, async () => {
    const entered = 'code' in input ? input.code : input.recoveryCode
    const isNew = await claimCode(ctx, personId, entered)
    const answered = isNew ? await identity.answerChallenge(challenge, input) : undefined
    if (answered?.personId !== personId) throw wrong('This code is wrong, or was used already.')
  })
  await signIn(request, personId)
  return OK
}

/** Ends the session of this browser; without one there is nothing to do. */
export async function signOut(request: AuthRequest): Promise<AuthOk> {
  const { api, req, res, ctx } = request
  const current = await currentSession(request)
  if (current) {
    const { personId, sessionId } = current.session
    await endSessions(ctx.runtime.db.pool, personId, { sessionId })
  }
  clearCookie(api, req, res, 'session')
  return OK
}

/** Where the browser goes to sign in at a provider, and where it comes back to (PEO-17). */
export async function startProvider(request: AuthRequest, input: ProviderInput): Promise<ProviderRedirect> {
  const { api, req, res, identity } = request
  requireCookies(request)
  await spendAttempt(request, [`sign-in-address:${req.ip ?? ''}`])
  const started = await identity.startProvider(input.providerId)
  if (started === undefined) throw new ServiceError('NOT_FOUND', 'There is no such identity provider.')
  if (started === 'unavailable')
    throw new ServiceError(
      'UNAVAILABLE',
      'The identity provider does not answer; try again, or another way.',
      {
        retryAfterSeconds: 10,
      },
    )
  const value = JSON.stringify({ state: started.state, returnTo: ownPath(input.returnTo) })
  setCookie(api, req, res, 'provider', value)
  return { url: started.url }
}

/**
 * The browser is back from a provider: it goes on into the console, signed in or with a reason why not. Only to a path of this
 * server, which was noted when it left (PEO-17).
 */
export async function finishProvider(request: AuthRequest, providerId: string): Promise<void> {
  const { api, req, res, ctx, identity } = request
  const stored = storedState(readCookie(api, req, 'provider'))
  clearCookie(api, req, res, 'provider')
  const query = Object.fromEntries(
    Object.entries(req.query).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  )
  const current = (await currentSession(request))?.session
  const finished = stored
    ? await identity.finishProvider(providerId, query, stored.state, current?.personId)
    : { error: 'refused' as ProviderError }
  if ('error' in finished) {
    api.logger.warn({ providerId, reason: finished.error, address: req.ip }, 'sign-in by a provider refused')
    // Who is signed in has tried to connect the account that they have.
    const page = current === undefined ? '/' : ACCOUNT_PAGE
    return redirect(request, `${page}?${PROVIDER_ERROR_KEY}=${finished.error}`)
  }
  if (finished.isNewlyConnected) await noteAccountEvent(ctx, finished.personId, 'connect_provider')
  await applyProviderRoles(ctx, providerId, finished)
  // An account alone is no right: whoever has no workspace gets no session, but for accepting an invitation.
  const hasPlace = (await workspacesOfPerson(ctx, finished.personId)).length > 0
  if (!hasPlace && !(await isInvited(ctx, finished.personId)))
    return redirect(request, `/?${PROVIDER_ERROR_KEY}=no_access`)
  await signIn(request, finished.personId, { byProvider: true })
  redirect(request, stored?.returnTo ?? '/')
}

function redirect({ res }: AuthRequest, location: string): void {
  res.writeHead(303, { location, 'cache-control': 'no-store', 'content-length': 0 })
  res.end()
}

const OWN_PATH = /^\/(?![/\\])[^\\\p{Cc}]*$/u

/** A path of the console, and nothing that a browser would take for another server's address. */
export function ownPath(path: string | undefined): string {
  if (path === undefined || !OWN_PATH.test(path)) return '/'
  const url = URL.parse(path, 'http://own.invalid')
  if (url?.origin !== 'http://own.invalid') return '/'
  // Once more: what `..` leaves can begin with two slashes.
  const resolved = `${url.pathname}${url.search}${url.hash}`
  return OWN_PATH.test(resolved) ? resolved : '/'
}

function storedState(text: string | undefined): { state: string; returnTo: string } | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('state' in value) || !('returnTo' in value))
      return undefined
    const { state, returnTo } = value
    return typeof state === 'string' && typeof returnTo === 'string'
      ? { state, returnTo: ownPath(returnTo) }
      : undefined
  } catch {
    return undefined
  }
}
