import { OAUTH_PATHS, PROOF_HEADER, readClientId, SCOPES } from '@fieldsync/contracts'
import type { Request, Response, Router } from 'express'

import type { ApiParts } from '../core/api-context.ts'
import { reportedError } from '../core/as-service-error.ts'
import { methodNotAllowed, unsupportedMediaType } from '../core/refusals.ts'
import { requestIds, requestState } from '../core/request-state.ts'
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
import { readTokenForm } from './token-request.ts'

/** A form of a token request: far above what one needs. */
const MAX_FORM_BYTES = 16 * 1024
const FORM = 'application/x-www-form-urlencoded'
/** How long others may use a copy of the keys, in seconds: a new key is published for longer before it signs. */
const KEYS_MAX_AGE = 300

type Endpoint = {
  readonly name: string
  readonly path: string
  readonly method: 'GET' | 'POST'
  readonly serve: (api: ApiParts, req: Request, res: Response) => Promise<void> | void
}

/** Every address of OAuth (RFC 6749, 7517, 8414): a closed list beside the operation table. */
export const OAUTH_ENDPOINTS: readonly Endpoint[] = [
  { name: 'oauth.token', path: OAUTH_PATHS.token, method: 'POST', serve: serveToken },
  { name: 'oauth.keys', path: OAUTH_PATHS.jwks, method: 'GET', serve: serveKeys },
  { name: 'oauth.metadata', path: OAUTH_PATHS.metadata, method: 'GET', serve: serveMetadata },
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

async function served(api: ApiParts, { name, serve }: Endpoint, req: Request, res: Response): Promise<void> {
  requestState(req).operations = [name]
  try {
    await serve(api, req, res)
  } catch (error) {
    if (!(error instanceof ClientGone)) sendOAuthError(api, req, res, error)
  }
}

/** A token for a client that proves its key (ACC-13), or for a service that has a secret (SVC-4). */
async function serveToken(api: ApiParts, req: Request, res: Response): Promise<void> {
  const limits = { ...api.limits, maxBytes: Math.min(api.limits.maxBytes, MAX_FORM_BYTES) }
  checkWireSize({ ...api, limits }, req)
  checkForm(req)
  const proof = req.get(PROOF_HEADER) === undefined ? undefined : await requestProof(api, req)
  const text = await readText(req, 'identity', limits, (bytes) => api.bodies.take(res, bytes))
  const { client, scope } = readTokenForm(text, req.get('authorization'))
  const issuer = ownAddress(api, req)
  const audiences = [issuer, `${issuer}${OAUTH_PATHS.token}`]
  const issued = await refusable(
    api,
    req,
    () => api.verbs.issueAccessToken(anonymousContext(api, req), { client, scope, proof, issuer, audiences }),
    'secret' in client && readClientId(client.clientId) ? client.clientId : undefined,
  )
  await spendAs(api, req, issued.actor, 1)
  const { accessToken, expiresIn, scopes } = issued
  const answer = {
    access_token: accessToken,
    token_type: proof ? 'DPoP' : 'Bearer',
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
    token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic', 'client_secret_post'],
    token_endpoint_auth_signing_alg_values_supported: ['ES256'],
    dpop_signing_alg_values_supported: ['ES256'],
    scopes_supported: SCOPES,
  }
  sendJson(res, requestIds(req), 200, JSON.stringify(metadata))
}

function sendOAuthError(api: ApiParts, req: Request, res: Response, cause: unknown): void {
  const error = reportedError(cause, api.logger, req, 'oauth')
  const { status, body } = oauthError(error, api.clock.now())
  const headers = errorHeaders(error)
  // A client that used this scheme is answered in it (RFC 6749, section 5.2).
  if (status === 401 && /^basic /i.test(req.get('authorization') ?? ''))
    headers['www-authenticate'] = 'Basic realm="fieldsync", charset="UTF-8"'
  sendJson(res, requestIds(req), status, JSON.stringify(body), { headers })
  discardRest(req)
}

function checkForm(req: Request): void {
  const [type = ''] = (req.get('content-type') ?? '').split(';', 1)
  if (type.trim().toLowerCase() !== FORM) throw unsupportedMediaType(`The body must be ${FORM}`)
  const encoding = req.get('content-encoding') ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') throw unsupportedMediaType('The body must not be compressed')
}
