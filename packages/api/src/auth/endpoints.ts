import { AUTH_ROUTES, authCallbackPath, type AuthRouteName, parseInput } from '@fieldsync/contracts'
import { type IdentityPort, validationError } from '@fieldsync/services'
import type { Request, Response, Router } from 'express'
import type { z } from 'zod'

import type { ApiParts } from '../core/api-context.ts'
import { reportedError } from '../core/as-service-error.ts'
import { methodNotAllowed, notFound } from '../core/refusals.ts'
import { requestIds, requestState } from '../core/request-state.ts'
import { checkWireSize } from '../http/authenticate-request.ts'
import { readCookie } from '../http/cookies.ts'
import { parseJson, readText } from '../http/json-body.ts'
import { bodyEncoding } from '../http/media-type.ts'
import { ClientGone } from '../http/read-body.ts'
import { requireSameOrigin } from '../http/same-origin.ts'
import { sendError, sendJson } from '../http/send.ts'
import * as account from './account.ts'
import { type AuthRequest, authRequest } from './auth-request.ts'
import * as links from './links.ts'
import * as signIn from './sign-in.ts'

type Handler<Name extends AuthRouteName> = (
  request: AuthRequest,
  input: z.output<(typeof AUTH_ROUTES)[Name]['input']>,
) => Promise<z.output<(typeof AUTH_ROUTES)[Name]['output']>>

/** What answers each route: a new one without a handler is a type error. */
const HANDLERS: { readonly [Name in AuthRouteName]: Handler<Name> } = {
  session: signIn.getAuthSession,
  signIn: signIn.signInByPassword,
  secondFactor: signIn.answerSecondFactor,
  signOut: signIn.signOut,
  provider: signIn.startProvider,
  sessions: account.getSessions,
  endSessions: account.endSessions,
  reauthenticate: account.reauthenticate,
  password: account.setPassword,
  profile: account.setProfile,
  startTwoFactor: account.startTwoFactor,
  confirmTwoFactor: account.confirmTwoFactor,
  disableTwoFactor: account.stopTwoFactor,
  invitation: links.getInvitation,
  accept: links.accept,
  reset: links.reset,
}

/** A body of these routes: far above what one needs. */
const MAX_BODY_BYTES = 16 * 1024
const NAMES = Object.keys(AUTH_ROUTES) as AuthRouteName[]
const CALLBACK = authCallbackPath(':providerId')

/** Adds every address under `/auth` to the API's router, each with its errors (PEO-1). */
export function addAuthEndpoints(api: ApiParts, router: Router): void {
  const { identity } = api
  if (identity) {
    for (const name of NAMES) {
      const { path, method } = AUTH_ROUTES[name]
      // In Express a colon begins a parameter.
      const literal = path.replace(':', '\\:')
      const answer = (req: Request, res: Response): Promise<void> => served(api, identity, name, req, res)
      if (method === 'GET') router.get(literal, answer)
      else router.post(literal, answer)
      const allow = method === 'GET' ? ['GET', 'HEAD'] : [method]
      router.all(literal, (req, res) => sendError(req, res, methodNotAllowed(allow), api.clock.now()))
    }
    router.get(CALLBACK, (req, res) => servedCallback(api, identity, req, res))
  }
  router.use('/auth', (req, res) => sendError(req, res, notFound('No such address'), api.clock.now()))
}

async function served(
  api: ApiParts,
  identity: IdentityPort,
  name: AuthRouteName,
  req: Request,
  res: Response,
): Promise<void> {
  requestState(req).operations = [`auth.${name}`]
  try {
    const route = AUTH_ROUTES[name]
    const hasSecret = 'hasSecret' in route
    const input = await inputOf(api, name, req, res)
    // The table gives each name the handler of its own input.
    const handle = HANDLERS[name] as (request: AuthRequest, input: unknown) => Promise<unknown>
    const answer = await handle(authRequest(api, identity, req, res), input)
    sendJson(res, requestIds(req), 200, JSON.stringify(answer), { hasSecret })
  } catch (error) {
    if (error instanceof ClientGone) return
    sendError(req, res, reportedError(error, api.logger, req, `auth.${name}`), api.clock.now())
  }
}

/** The checks of a request in their order: size, media type, where it comes from, its body. */
async function inputOf(api: ApiParts, name: AuthRouteName, req: Request, res: Response): Promise<unknown> {
  const { method, input } = AUTH_ROUTES[name]
  const limits = { ...api.limits, maxBytes: Math.min(api.limits.maxBytes, MAX_BODY_BYTES) }
  checkWireSize({ ...api, limits }, req)
  const encoding = method === 'POST' ? bodyEncoding(req.headers) : undefined
  requireSameOrigin(api, req, readCookie(api, req, 'session') !== undefined)
  if (encoding === undefined) return {}
  const text = await readText(req, encoding, limits, (bytes) => api.bodies.take(res, bytes))
  const parsed = parseInput(input as z.ZodType, parseJson(text))
  if (!parsed.ok) throw validationError(parsed.issues, parsed.more)
  return parsed.value
}

async function servedCallback(
  api: ApiParts,
  identity: IdentityPort,
  req: Request,
  res: Response,
): Promise<void> {
  requestState(req).operations = ['auth.callback']
  try {
    const { providerId } = req.params
    await signIn.finishProvider(authRequest(api, identity, req, res), String(providerId))
  } catch (error) {
    sendError(req, res, reportedError(error, api.logger, req, 'auth.callback'), api.clock.now())
  }
}
