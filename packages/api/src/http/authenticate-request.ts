import { type AuthenticatedActor, ServiceError } from '@fieldsync/services'
import type { Request } from 'express'

import type { ApiParts } from '../core/api-context.ts'
import type { RateKey } from '../core/api-options.ts'
import { payloadTooLarge, rateLimited } from '../core/refusals.ts'
import { requestIds, requestState } from '../core/request-state.ts'

/**
 * First check of every request (ERR-4): the size it announces.
 * @throws ServiceError PAYLOAD_TOO_LARGE
 */
export function checkWireSize(api: ApiParts, req: Request): void {
  const length = req.headers['content-length']
  if (length !== undefined && Number(length) > api.limits.maxBytes) throw payloadTooLarge(api.limits)
}

/**
 * Identifies the caller from the headers alone, before any of the body is read; then checks its rate (ERR-4).
 *
 * @param options.calls the number of calls in the request
 * @param options.fromMemory a caller known from earlier requests is not read again: only where the verb checks its rights itself
 * @throws ServiceError AUTH_REQUIRED, FORBIDDEN (credential_mismatch), RATE_LIMITED, UNAVAILABLE
 */
export async function authenticateRequest(
  api: ApiParts,
  req: Request,
  options: { calls?: number; fromMemory?: boolean } = {},
): Promise<AuthenticatedActor> {
  const { calls = 1, fromMemory = false } = options
  const actor = await identify(api, req, fromMemory)
  const caller = `device:${actor.workspaceId}/${actor.deviceId}` as const
  requestState(req).caller = caller
  await spend(api, caller, calls)
  return actor
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
  try {
    await identify(api, req, false)
    return error
  } catch (refusal) {
    return refusal
  }
}

async function identify(api: ApiParts, req: Request, fromMemory: boolean): Promise<AuthenticatedActor> {
  const { runtime, clock, verbs } = api
  const request = { ...requestIds(req), via: viaOf(req), idempotencyKey: '' }
  const credentials = { deviceToken: req.get('x-device-token') || undefined, bearer: bearerToken(req) }
  try {
    return await verbs.authenticate({ ctx: { runtime, clock, request }, credentials, fromMemory })
  } catch (error) {
    if (error instanceof ServiceError && (error.code === 'AUTH_REQUIRED' || error.code === 'FORBIDDEN')) {
      // A device behind the same address is never locked out: only failed credentials use this budget, and only their
      // answer changes.
      await spend(api, `failed-credential:${req.ip ?? ''}`, 1)
      const { code, details } = error
      api.logger.warn(
        { ...requestIds(req), code, reason: details?.['reason'], address: req.ip },
        'credential refused',
      )
    }
    throw error
  }
}

const viaOf = (req: Request): 'rest' | 'trpc' => (req.originalUrl.startsWith('/trpc') ? 'trpc' : 'rest')

async function spend(api: ApiParts, key: RateKey, points: number): Promise<void> {
  const verdict = await api.rateLimiter.consume(key, points)
  if (!verdict.ok) throw rateLimited(verdict.retryAfterSeconds)
}

/**
 * The token of `Authorization: Bearer`. Anything else in that header is a credential too, which does not verify: the
 * server never falls back from it to the device token (ACC-2).
 */
function bearerToken(req: Request): string | undefined {
  const { authorization } = req.headers
  if (!authorization) return undefined
  // Node returns the first of several; choosing one as the caller's would be a guess.
  const all = req.headersDistinct['authorization']
  if (all && all.length > 1) return all.join(', ')
  return /^bearer +(\S+)$/i.exec(authorization)?.[1] ?? authorization
}
