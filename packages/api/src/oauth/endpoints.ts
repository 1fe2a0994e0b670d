import { CLIENT_ASSERTION_TYPE, OAUTH_PATHS, SCOPES } from '@fieldsync/contracts'
import { validationError } from '@fieldsync/services'
import type { Request, Response, Router } from 'express'

import type { ApiParts } from '../core/api-context.ts'
import { reportedError } from '../core/as-service-error.ts'
import { methodNotAllowed, unsupportedMediaType } from '../core/refusals.ts'
import { requestIds } from '../core/request-state.ts'
import {
  anonymousContext,
  checkWireSize,
  refusable,
  requestProof,
  spendAs,
} from '../http/authenticate-request.ts'
import { readText } from '../http/json-body.ts'
import { ownAddress } from '../http/own-address.ts'
import { ClientGone } from '../http/read-body.ts'
import { discardRest, errorHeaders, sendJson } from '../http/send.ts'
import { oauthError } from './oauth-error.ts'

/** A form of a token request: far above what one needs. */
const MAX_FORM_BYTES = 16 * 1024
const FORM = 'application/x-www-form-urlencoded'
/** How long others may use a copy of the keys, in seconds: a new key is published for longer before it signs. */
const KEYS_MAX_AGE = 300

type Endpoint = {
  readonly path: string
  readonly method: 'GET' | 'POST'
  readonly serve: (api: ApiParts, req: Request, res: Response) => Promise<void> | void
}

/** Every address of OAuth (RFC 6749, 7517, 8414): a closed list beside the operation table. */
export const OAUTH_ENDPOINTS: readonly Endpoint[] = [
  { path: OAUTH_PATHS.token, method: 'POST', serve: serveToken },
  { path: OAUTH_PATHS.jwks, method: 'GET', serve: serveKeys },
  { path: OAUTH_PATHS.metadata, method: 'GET', serve: serveMetadata },
]

/** Adds the endpoints to the API's router, each with its errors. */
export function addOAuthEndpoints(api: ApiParts, router: Router): void {
  for (const endpoint of OAUTH_ENDPOINTS) {
    const { path, method } = endpoint
    const answer = (req: Request, res: Response): Promise<void> => served(api, endpoint, req, res)
    if (method === 'GET') router.get(path, answer)
    else router.post(path, answer)
    const allow = method === 'GET' ? ['GET', 'HEAD'] : [method]
    router.all(path, (req, res) => sendOAuthError(api, req, res, methodNotAllowed(allow)))
  }
}

async function served(api: ApiParts, { serve }: Endpoint, req: Request, res: Response): Promise<void> {
  try {
    await serve(api, req, res)
  } catch (error) {
    if (!(error instanceof ClientGone)) sendOAuthError(api, req, res, error)
  }
}

/** A token for a client that proves its key (ACC-13). */
async function serveToken(api: ApiParts, req: Request, res: Response): Promise<void> {
  const limits = { ...api.limits, maxBytes: Math.min(api.limits.maxBytes, MAX_FORM_BYTES) }
  checkWireSize({ ...api, limits }, req)
  checkForm(req)
  const proof = await requestProof(api, req)
  const text = await readText(req, 'identity', limits, (bytes) => api.bodies.take(res, bytes))
  const { assertion, scope } = readForm(text)
  const issuer = ownAddress(api, req)
  const audiences = [issuer, `${issuer}${OAUTH_PATHS.token}`]
  const issued = await refusable(api, req, () =>
    api.verbs.issueAccessToken(anonymousContext(api, req), { assertion, scope, proof, issuer, audiences }),
  )
  await spendAs(api, req, issued.actor, 1)
  const { accessToken, expiresIn, scopes } = issued
  const answer = {
    access_token: accessToken,
    token_type: 'DPoP',
    expires_in: expiresIn,
    scope: scopes.join(' '),
  }
  sendJson(res, requestIds(req), 200, JSON.stringify(answer), { hasSecret: true })
}

/** The public keys of access tokens (RFC 7517). */
async function serveKeys(api: ApiParts, req: Request, res: Response): Promise<void> {
  const keys = await api.runtime.signingKeys.published(api.clock.now())
  const headers = { 'cache-control': `public, max-age=${KEYS_MAX_AGE}` }
  sendJson(res, requestIds(req), 200, JSON.stringify({ keys }), { headers })
}

/** What this server supports (RFC 8414). */
function serveMetadata(api: ApiParts, req: Request, res: Response): void {
  const issuer = ownAddress(api, req)
  const metadata = {
    issuer,
    token_endpoint: `${issuer}${OAUTH_PATHS.token}`,
    jwks_uri: `${issuer}${OAUTH_PATHS.jwks}`,
    response_types_supported: [],
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['ES256'],
    dpop_signing_alg_values_supported: ['ES256'],
    scopes_supported: SCOPES,
  }
  sendJson(res, requestIds(req), 200, JSON.stringify(metadata))
}

function sendOAuthError(api: ApiParts, req: Request, res: Response, cause: unknown): void {
  const error = reportedError(cause, api.logger, req, 'oauth')
  const { status, body } = oauthError(error, api.clock.now())
  sendJson(res, requestIds(req), status, JSON.stringify(body), { headers: errorHeaders(error) })
  discardRest(req)
}

function checkForm(req: Request): void {
  const [type = ''] = (req.get('content-type') ?? '').split(';', 1)
  if (type.trim().toLowerCase() !== FORM) throw unsupportedMediaType(`The body must be ${FORM}`)
  const encoding = req.get('content-encoding') ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') throw unsupportedMediaType('The body must not be compressed')
}

/**
 * The parameters of a token request. Parameters that are unknown are ignored, and one that is repeated is refused (RFC 6749,
 * section 3.2).
 */
function readForm(text: string): { assertion: string; scope: string | undefined } {
  const form = new URLSearchParams(text)
  const one = (name: string): string | undefined => {
    const values = form.getAll(name)
    if (values.length > 1) throw formError(name, 'must be given once')
    return values[0] === '' ? undefined : values[0]
  }
  if (one('grant_type') !== 'client_credentials') throw formError('grant_type', 'must be client_credentials')
  if (one('client_assertion_type') !== CLIENT_ASSERTION_TYPE)
    throw formError('client_assertion_type', `must be ${CLIENT_ASSERTION_TYPE}`)
  const assertion = one('client_assertion')
  if (assertion === undefined) throw formError('client_assertion', 'is required')
  return { assertion, scope: one('scope') }
}

const formError = (name: string, message: string) =>
  validationError([{ path: `/${name}`, message: `${name} ${message}` }])
