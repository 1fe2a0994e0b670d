import {
  type AuthOk,
  type ChangePasswordInput,
  type ChangeProfileInput,
  type ConfirmTwoFactorInput,
  type EndSessionsInput,
  type PasswordInput,
  type ReauthenticateInput,
  type SessionList,
  type StartedTwoFactor,
} from '@fieldsync/contracts'
import {
  changePassword,
  claimCode,
  endSessions as endStoredSessions,
  listSessions,
  noteAccountEvent,
  noteReauthenticated,
  renamePerson,
} from '@fieldsync/services'

import { refusable } from '../http/authenticate-request.ts'
import { clearCookie } from '../http/cookies.ts'
import { type AuthRequest, digest, requireSession, spendAttempt, wrong } from './auth-request.ts'
import { hashNewPassword } from './new-password.ts'

const OK: AuthOk = { ok: true }
const WRONG_PASSWORD = 'The password is wrong.'

/** The browsers in which the person is signed in. */
export async function getSessions(request: AuthRequest): Promise<SessionList> {
  const { session } = await requireSession(request)
  return { sessions: await listSessions(request.ctx, session) }
}

/** Ends one session, this one too, or all others (PEO-11). */
export async function endSessions(request: AuthRequest, input: EndSessionsInput): Promise<AuthOk> {
  const { session } = await requireSession(request)
  const { personId, sessionId } = session
  const which = 'others' in input ? { but: sessionId } : { sessionId: input.sessionId }
  await endStoredSessions(request.ctx.runtime.db.pool, personId, which)
  if ('sessionId' in which && which.sessionId === sessionId)
    clearCookie(request.api, request.req, request.res, 'session')
  return OK
}

/** The person proves again who they are, before a sensitive change (PEO-12). */
export async function reauthenticate(request: AuthRequest, input: ReauthenticateInput): Promise<AuthOk> {
  const { token, session } = await requireSession(request)
  if ('password' in input) await checkPassword(request, input.password)
  else await checkCode(request, token, input.code)
  await noteReauthenticated(request.ctx, session.sessionId)
  return OK
}

/** Changes the password; the person's other sessions end (PEO-11). */
export async function setPassword(request: AuthRequest, input: ChangePasswordInput): Promise<AuthOk> {
  const { personId, sessionId, name, email } = await checkPassword(request, input.currentPassword)
  const chosen = { password: input.newPassword, field: 'newPassword', context: [name, email] } as const
  const password = await hashNewPassword(request, chosen)
  await changePassword(request.ctx, { personId, sessionId, password })
  await noteReauthenticated(request.ctx, sessionId)
  return OK
}

export async function setProfile(request: AuthRequest, input: ChangeProfileInput): Promise<AuthOk> {
  const { session } = await requireSession(request)
  await renamePerson(request.ctx, session.personId, input.name)
  return OK
}

/** A secret and recovery codes, in this answer only; nothing is in force until a code confirms it (PEO-13). */
export async function startTwoFactor(request: AuthRequest, input: PasswordInput): Promise<StartedTwoFactor> {
  await checkPassword(request, input.password)
  const { token, session } = await requireSession(request)
  // A second factor in force is not replaced by whoever knows the password alone: it is turned off first.
  if (session.twoFactor) throw wrong('Two-step sign-in is on already; turn it off first.')
  const started = await request.identity.startTwoFactor(token, input.password)
  if (!started) throw wrong(WRONG_PASSWORD)
  return started
}

export async function confirmTwoFactor(request: AuthRequest, input: ConfirmTwoFactorInput): Promise<AuthOk> {
  const { token, session } = await requireSession(request)
  await checkCode(request, token, input.code)
  await endStoredSessions(request.ctx.runtime.db.pool, session.personId, { but: session.sessionId })
  if (!session.twoFactor) await noteAccountEvent(request.ctx, session.personId, 'start_second_factor')
  return OK
}

export async function stopTwoFactor(request: AuthRequest, input: PasswordInput): Promise<AuthOk> {
  await checkPassword(request, input.password)
  const { token, session } = await requireSession(request)
  if (!(await request.identity.stopTwoFactor(token, input.password))) throw wrong(WRONG_PASSWORD)
  await noteAccountEvent(request.ctx, session.personId, 'stop_second_factor')
  return OK
}

/** @throws ServiceError AUTH_REQUIRED, RATE_LIMITED */
async function checkPassword(request: AuthRequest, password: string) {
  const { api, req, identity } = request
  const { session } = await requireSession(request)
  await spendAttempt(request, [`sign-in:${digest(`${session.email}\n${req.ip ?? ''}`)}`])
  await refusable(api, req, async () => {
    if (!(await identity.checkPassword(session.personId, password))) throw wrong(WRONG_PASSWORD)
  })
  return session
}

/** @throws ServiceError AUTH_REQUIRED, RATE_LIMITED */
async function checkCode(request: AuthRequest, token: string, code: string): Promise<void> {
  const { api, req, ctx, identity } = request
  const { session } = await requireSession(request)
  await spendAttempt(request, [`second-factor:${digest(`${session.personId}\n${req.ip ?? ''}`)}`])
  await refusable(api, req, async () => {
    const isNew = await claimCode(ctx, session.personId, code)
    if (!isNew || !(await identity.checkCode(token, code)))
      throw wrong('This code is wrong, or was used already.')
  })
}
