import {
  audienceOf,
  CONTRACT_HEADER,
  contractRefusal,
  type ErrorCode,
  OAUTH_PATHS,
  type Operation,
  PROOF_HEADER,
  readContractVersion,
  REAUTHENTICATION_SECONDS,
  type Scope,
  type TokenAudience,
  WORKSPACE_HEADER,
} from '@fieldsync/contracts'
import {
  type AdminContext,
  type AuthenticatedActor,
  authRequired,
  type Credentials,
  isAccessToken,
  type Proof,
  provesBody,
  ServiceError,
  verifyProof,
} from '@fieldsync/services'
import type { Request } from 'express'

import type { ApiContext, ApiParts } from '../core/api-context.ts'
import type { RateKey, RefusalKind } from '../core/api-options.ts'
import {
  contractUnsupported,
  needsAccessToken,
  outOfScope,
  payloadTooLarge,
  rateLimited,
} from '../core/refusals.ts'
import { requestIds, requestState } from '../core/request-state.ts'
import { readCookie } from './cookies.ts'
import { ownAddress, provenRequest } from './own-address.ts'
import { requireSameOrigin } from './same-origin.ts'

/**
 * First check of every request (ERR-4): the size it announces.
 * @throws ServiceError PAYLOAD_TOO_LARGE
 */
export function checkWireSize(api: ApiParts, req: Request): void {
  const length = req.headers['content-length']
  if (length !== undefined && Number(length) > api.limits.maxBytes) throw payloadTooLarge(api.limits)
}

/**
 * Before the credential, so that a build without a future is not sent through an enrollment first.
 * @throws ServiceError CONTRACT_UNSUPPORTED
 */
export function checkContract(req: Request): void {
  const reason = contractRefusal(contractOf(req))
  if (reason !== undefined) throw contractUnsupported(reason)
}

/**
 * Identifies the caller from the headers alone, before any of the body is read; then checks the scope of its access token and
 * its rate (ERR-4).
 *
 * @param options.scopes for each call of the request, the scopes of which an access token needs one (ACC-19)
 * @param options.fromMemory a caller known from earlier requests is not read again: only where the verb checks its rights itself
 * @param options.isChange of what only admins may change: a person proves who they are every quarter of an hour (PEO-12)
 * @throws ServiceError AUTH_REQUIRED, FORBIDDEN (credential_mismatch, scope, origin, reauthenticate), RATE_LIMITED, UNAVAILABLE
 */
export async function authenticateRequest(
  api: ApiParts,
  req: Request,
  options: { scopes: readonly (readonly Scope[])[]; fromMemory?: boolean; isChange?: boolean },
): Promise<AuthenticatedActor> {
  const { scopes, fromMemory = false, isChange = false } = options
  const isOfApi = scopes.every((each) => each.some((scope) => audienceOf(scope) === 'api'))
  const actor = await identify(api, req, { audience: isOfApi ? 'api' : 'weather', fromMemory })
  noteCaller(req, actor)
  const granted = actor.scopes
  const ofOther = scopes.find((each) => each.every((scope) => audienceOf(scope) !== 'api'))
  if (!granted && ofOther) throw needsAccessToken(ofOther)
  if (granted && !scopes.every((each) => each.some((scope) => granted.includes(scope))))
    throw outOfScope(granted)
  if (isChange) requireFresh(api, actor)
  await spendAs(api, req, actor, scopes.length)
  return actor
}

/**
 * Checks the body of a request against its proof, before any of it is parsed; a pre-shared token proves none.
 * @throws ServiceError AUTH_REQUIRED, reason `proof_invalid`
 */
export async function checkProvenBody(
  api: ApiParts,
  req: Request,
  of: {
    readonly actor: AuthenticatedActor | undefined
    readonly proof: Proof | undefined
    readonly body: string
  },
): Promise<void> {
  const proofs = [of.actor?.proven, of.proof].filter((each) => each !== undefined)
  if (proofs.length === 0) return
  await refusable(api, req, () => {
    for (const each of proofs) provesBody(each, of.body)
    return Promise.resolve()
  })
}

/**
 * The proof of a request that has no access token yet: for enrolling, and for `/oauth/token`.
 * @throws ServiceError AUTH_REQUIRED, RATE_LIMITED
 */
export const requestProof = (api: ApiParts, req: Request): Promise<Proof> =>
  refusable(api, req, () => {
    const { runtime, clock } = api
    return verifyProof(
      { nonces: runtime.nonces, clock },
      req.get(PROOF_HEADER) ?? '',
      provenRequest(api, req),
    )
  })

/**
 * What an operation that proves a key is proven with: the proof, or the pre-shared token that takes its place.
 * @throws ServiceError AUTH_REQUIRED, RATE_LIMITED
 */
export async function keyCredential(
  api: ApiParts,
  req: Request,
  provesKey: Operation['provesKey'],
): Promise<Pick<ApiContext, 'proof' | 'deviceToken'>> {
  if (provesKey === undefined) return { proof: undefined, deviceToken: undefined }
  const { deviceToken, bearer } = credentialsOf(api, req, 'api')
  if (provesKey === 'orToken' && req.get(PROOF_HEADER) === undefined) {
    const token = deviceToken ?? bearer
    const message = 'Send a proof by the key of the device (header DPoP), or its device token.'
    const required = token === undefined ? Promise.reject(authRequired('missing', message)) : token
    return { proof: undefined, deviceToken: await refusable(api, req, async () => await required) }
  }
  return { proof: await requestProof(api, req), deviceToken: undefined }
}

/**
 * The error for a caller that may come from memory: one that was revoked since must get that answer before any other
 * about its request (ERR-4).
 */
export async function errorAfterCredential(
  api: ApiParts,
  req: Request,
  actor: AuthenticatedActor | undefined,
  error: unknown,
): Promise<unknown> {
  // Neither is about the request, and a look-up would cost what they are meant to save.
  const spared =
    error instanceof ServiceError && (error.code === 'RATE_LIMITED' || error.code === 'UNAVAILABLE')
  if (!actor?.confirm || spared) return error
  const { confirm } = actor
  try {
    await refusable(api, req, confirm)
    return error
  } catch (refusal) {
    return refusal
  }
}

/** The parts of a procedure's context that follow from the request alone, whatever its transport. */
export const requestContext = (
  api: ApiParts,
  req: Request,
): Pick<ApiContext, 'api' | 'ids' | 'span' | 'refusable' | 'request' | 'address' | 'contract'> => ({
  api,
  ids: requestIds(req),
  span: requestState(req).span,
  refusable: (check) => refusable(api, req, check),
  request: () => provenRequest(api, req),
  address: () => ownAddress(api, req),
  contract: contractOf(req),
})

const contractOf = (req: Request): string | undefined => readContractVersion(req.get(CONTRACT_HEADER))

/** What a verb without a caller runs in. */
export const anonymousContext = ({ runtime, clock }: ApiParts, req: Request): AdminContext => ({
  runtime,
  clock,
  request: {
    ...requestIds(req),
    via: viaOf(req),
    idempotencyKey: '',
    contract: contractOf(req),
  },
})

/** @throws ServiceError FORBIDDEN, reason `reauthenticate`; what a role does not allow is refused by its verb */
function requireFresh({ clock }: ApiParts, { session, role }: AuthenticatedActor): void {
  if (!session || role !== 'admin') return
  const age = clock.now().getTime() - session.authenticatedAt.getTime()
  if (age < REAUTHENTICATION_SECONDS * 1000) return
  throw new ServiceError('FORBIDDEN', 'Confirm first that it is you.', {
    details: { reason: 'reauthenticate' },
  })
}

const identify = (
  api: ApiParts,
  req: Request,
  { audience, fromMemory }: { audience: TokenAudience; fromMemory: boolean },
): Promise<AuthenticatedActor> =>
  refusable(api, req, () =>
    api.verbs.authenticate({
      ctx: anonymousContext(api, req),
      credentials: credentialsOf(api, req, audience),
      fromMemory,
    }),
  )

const REFUSED: ReadonlySet<ErrorCode> = new Set(['AUTH_REQUIRED', 'FORBIDDEN', 'ENROLLMENT_INVALID'])

/**
 * Runs a check of a credential; a refusal counts against its address, and leaves a line in the security log.
 * @param client that was named with a secret: it counts against this one, too, wherever it comes from
 */
export async function refusable<T>(
  api: ApiParts,
  req: Request,
  check: () => Promise<T>,
  client?: string,
): Promise<T> {
  try {
    return await check()
  } catch (error) {
    if (error instanceof ServiceError && REFUSED.has(error.code)) {
      // A device behind the same address is never locked out: only failed credentials use this budget, and only their
      // answer changes.
      const { code, details } = error
      // Every client begins without a nonce; that says nothing about anybody.
      const isNonce = details?.['reason'] === 'nonce'
      const kind = attemptOf(req, code)
      const reason = typeof details?.['reason'] === 'string' ? details['reason'] : code
      api.runtime.telemetry?.credentialRefused({ kind, reason })
      const budget = isNonce ? 'failed-credential' : budgetOf(req, code)
      await spend(api, `${budget}:${req.ip ?? ''}`, 1)
      if (client !== undefined) await spend(api, `${budget}:client:${client}`, 1)
      if (isNonce) throw error
      api.runtime.security.note({
        kind,
        reason,
        at: api.clock.now(),
        address: req.ip,
        about: error.about,
      })
      api.logger.warn(
        { ...requestIds(req), code, reason: details?.['reason'], address: req.ip, client },
        'credential refused',
      )
    }
    throw error
  }
}

/** Which budget a refusal counts against (ERR-18): guesses of codes and secrets are counted by all servers together. */
function budgetOf(req: Request, code: ErrorCode): 'failed-credential' | RefusalKind {
  if (code === 'ENROLLMENT_INVALID') return 'failed-enrollment'
  return req.path === OAUTH_PATHS.token ? 'failed-token' : 'failed-credential'
}

/** What was attempted, as the security log counts it (AUD-20). */
function attemptOf(req: Request, code: ErrorCode): 'credential' | 'enrollment' | 'sign_in' {
  if (req.originalUrl.startsWith('/auth/')) return 'sign_in'
  return code === 'ENROLLMENT_INVALID' ? 'enrollment' : 'credential'
}

const viaOf = (req: Request): 'rest' | 'trpc' => (req.originalUrl.startsWith('/trpc') ? 'trpc' : 'rest')

/** Counts calls of an identified caller. @throws ServiceError RATE_LIMITED */
export async function spendAs(
  api: ApiParts,
  req: Request,
  actor: AuthenticatedActor,
  calls: number,
): Promise<void> {
  const { workspaceId, deviceId } = actor
  const caller = `device:${workspaceId}/${deviceId}` as const
  noteCaller(req, actor)
  requestState(req).caller = caller
  await spend(api, caller, calls)
}

/** Who calls, for the log. */
function noteCaller(req: Request, { workspaceId, deviceId }: AuthenticatedActor): void {
  const state = requestState(req)
  state.workspaceId = workspaceId
  state.deviceId = deviceId
}

async function spend(api: ApiParts, key: RateKey, points: number): Promise<void> {
  const verdict = await api.rateLimiter.consume(key, points)
  if (!verdict.ok) throw rateLimited(verdict.retryAfterSeconds)
}

/**
 * The credentials of a request. Whatever is in `Authorization` is one, even if it does not verify: the server never falls back
 * from it to the device token (ACC-2). A cookie, which a browser adds by itself, counts only where there is none of these (PEO-5).
 */
function credentialsOf(api: ApiParts, req: Request, audience: TokenAudience): Credentials {
  const deviceToken = req.get('x-device-token') || undefined
  const authorization = authorizationOf(req)
  const token = readCookie(api, req, 'session')
  if (token !== undefined && deviceToken === undefined && authorization === undefined) {
    requireSameOrigin(api, req, true)
    const workspaceId = req.get(WORKSPACE_HEADER) || undefined
    return { deviceToken, bearer: undefined, session: { token, workspaceId } }
  }
  const [, scheme, text = ''] = /^(dpop|bearer) +(\S+)$/i.exec(authorization ?? '') ?? []
  const isProven = scheme?.toLowerCase() === 'dpop'
  if (!isProven && !isAccessToken(text))
    return { deviceToken, bearer: scheme === undefined ? authorization : text }
  return {
    deviceToken,
    bearer: undefined,
    access: {
      scheme: isProven ? 'DPoP' : 'Bearer',
      accessToken: text,
      proof: req.get(PROOF_HEADER),
      request: provenRequest(api, req),
      issuer: ownAddress(api, req),
      audience,
    },
  }
}

function authorizationOf(req: Request): string | undefined {
  // Node returns the first of several; choosing one as the caller's would be a guess.
  const all = req.headersDistinct['authorization']
  return all && all.length > 1 ? all.join(', ') : req.headers.authorization || undefined
}
