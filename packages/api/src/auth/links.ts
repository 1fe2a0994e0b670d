import {
  type Accepted,
  type AcceptInput,
  type AuthOk,
  type InvitationDetails,
  type InvitationInput,
  type ResetInput,
} from '@fieldsync/contracts'
import {
  acceptInvitation,
  authRequired,
  lookAtInvitation,
  lookAtReset,
  resetPassword,
  validationError,
} from '@fieldsync/services'

import { refusable } from '../http/authenticate-request.ts'
import { type AuthRequest, currentSession, requireCookies, signIn, spendAttempt } from './auth-request.ts'
import { hashNewPassword } from './new-password.ts'

/** What the code of an invitation is good for; looking uses nothing up (PEO-6). */
export async function getInvitation(
  request: AuthRequest,
  input: InvitationInput,
): Promise<InvitationDetails> {
  await spendLink(request)
  return await refusable(request.api, request.req, () => lookAtInvitation(request.ctx, input.code))
}

/**
 * Accepts an invitation: a new person with name and password, or the person who is signed in (PEO-7).
 * Without a password it is the latter's.
 */
export async function accept(request: AuthRequest, input: AcceptInput): Promise<Accepted> {
  const { api, req, ctx } = request
  requireCookies(request)
  await spendLink(request)
  const { code, name, email, password } = input
  return await refusable(api, req, async () => {
    if (password === undefined) {
      const current = await currentSession(request)
      if (!current) throw authRequired('missing', 'Choose a password, or sign in first.')
      const { personId } = current.session
      const { workspaceId } = await acceptInvitation(ctx, { code, by: { personId } })
      return { ok: true, workspaceId }
    }
    // A password costs work that nobody buys without a code that is good.
    const { email: invited, name: invitedAs, workspaceName } = await lookAtInvitation(ctx, code)
    if (invited === null && email === undefined)
      throw validationError([{ path: '/email', message: 'is required' }])
    const context = [name, invitedAs, email, invited, workspaceName]
    const hashed = await hashNewPassword(request, { password, field: 'password', context })
    const { personId, workspaceId } = await acceptInvitation(ctx, {
      code,
      by: { name, email, password: hashed },
    })
    await signIn(request, personId)
    return { ok: true, workspaceId }
  })
}

/** Sets a new password by a reset link; the person then signs in with it (PEO-9). */
export async function reset(request: AuthRequest, input: ResetInput): Promise<AuthOk> {
  const { api, req, ctx } = request
  await spendLink(request)
  await refusable(api, req, async () => {
    // As above: the code first, then the work.
    const { name, email } = await lookAtReset(ctx, input.code)
    const chosen = { password: input.newPassword, field: 'newPassword', context: [name, email] } as const
    const password = await hashNewPassword(request, chosen)
    await resetPassword(ctx, { code: input.code, password })
  })
  return { ok: true }
}

const spendLink = (request: AuthRequest): Promise<void> =>
  spendAttempt(request, [`link:${request.req.ip ?? ''}`])
