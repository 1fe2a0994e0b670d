import { createHash } from 'node:crypto'

import type { AuthReason } from '@fieldsync/contracts'
import {
  type AdminContext,
  authRequired,
  endSessions,
  type IdentityPort,
  openSession,
  type PersonSession,
  readSession,
  ServiceError,
} from '@fieldsync/services'
import type { Request, Response } from 'express'

import type { ApiParts } from '../core/api-context.ts'
import type { SharedRateKey } from '../core/api-options.ts'
import { rateLimited } from '../core/refusals.ts'
import { anonymousContext } from '../http/authenticate-request.ts'
import { allowsCookies, clearCookie, readCookie, setCookie } from '../http/cookies.ts'

/** One request under `/auth`, with all that its handler needs. */
export type AuthRequest = {
  readonly api: ApiParts
  readonly identity: IdentityPort
  readonly req: Request
  readonly res: Response
  readonly ctx: AdminContext
}

export const authRequest = (
  api: ApiParts,
  identity: IdentityPort,
  req: Request,
  res: Response,
): AuthRequest => ({ api, identity, req, res, ctx: anonymousContext(api, req) })

/** The session of the request's cookie; undefined where there is none. */
export async function currentSession({
  api,
  req,
  ctx,
}: AuthRequest): Promise<{ readonly token: string; readonly session: PersonSession } | undefined> {
  const token = readCookie(api, req, 'session')
  const session = token === undefined ? undefined : await readSession(ctx, token)
  return token === undefined || session === undefined ? undefined : { token, session }
}

/** @throws ServiceError AUTH_REQUIRED */
export async function requireSession(request: AuthRequest) {
  const current = await currentSession(request)
  if (!current) throw authRequired('missing', 'Sign in first.')
  return current
}

/** @throws ServiceError FORBIDDEN, reason `https`, on an unencrypted network (PEO-14) */
export function requireCookies({ api, req }: AuthRequest): void {
  if (allowsCookies(api, req)) return
  throw new ServiceError('FORBIDDEN', 'People sign in over https, or on this machine itself.', {
    details: { reason: 'https' },
  })
}

/**
 * Begins a new session for the browser of the request; one that it had before ends (PEO-10).
 * @param how.byProvider whether an identity provider has authenticated the person
 */
export async function signIn(
  request: AuthRequest,
  personId: string,
  { byProvider }: { readonly byProvider: boolean } = { byProvider: false },
): Promise<void> {
  const { api, req, res, ctx } = request
  const before = await currentSession(request)
  if (before)
    await endSessions(ctx.runtime.db.pool, before.session.personId, { sessionId: before.session.sessionId })
  const token = await openSession(ctx, {
    personId,
    byProvider,
    ipAddress: req.ip,
    userAgent: req.get('user-agent'),
  })
  setCookie(api, req, res, 'session', token)
  clearCookie(api, req, res, 'challenge')
}

/** One refusal for all that a person has entered wrongly: it does not say what was wrong. */
export const wrong = (message: string, reason: AuthReason = 'invalid'): ServiceError =>
  authRequired(reason, message)

/** A key of a shared budget that names an address of a person without repeating it. */
export const digest = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, 32)

/**
 * Spends one attempt of each budget, before anything is checked, so that parallel attempts count as well (PEO-16).
 * @throws ServiceError RATE_LIMITED
 */
export async function spendAttempt({ api }: AuthRequest, keys: readonly SharedRateKey[]): Promise<void> {
  for (const key of keys) {
    const verdict = await api.rateLimiter.consume(key, 1)
    if (!verdict.ok) throw rateLimited(verdict.retryAfterSeconds)
  }
}
