import {
  type Operation,
  OPERATIONS,
  type OperationName,
  type Scope,
  SCOPES,
  type SubscriptionName,
  SUBSCRIPTIONS,
} from '@fieldsync/contracts'
import { validationError } from '@fieldsync/services'
import { resolveResponse } from '@trpc/server/http'
import type { Request, Response } from 'express'

import type { ApiContext, ApiParts } from '../core/api-context.ts'
import { reportedError } from '../core/as-service-error.ts'
import { errorEnvelope } from '../core/envelope.ts'
import { malformedBody, methodNotAllowed, notFound } from '../core/refusals.ts'
import { requestIds, requestState } from '../core/request-state.ts'
import {
  authenticateRequest,
  checkContract,
  checkProvenBody,
  checkWireSize,
  requestContext,
  keyCredential,
} from '../http/authenticate-request.ts'
import { idempotencyKeyOf } from '../http/idempotency-key.ts'
import { readText } from '../http/json-body.ts'
import { bodyEncoding } from '../http/media-type.ts'
import { ClientGone } from '../http/read-body.ts'
import { sendJson, sendRefusal } from '../http/send.ts'
import { trpcErrorShape } from './error-shape.ts'
import { appRouter } from './router.ts'
import { serveSubscription } from './subscription-handler.ts'

/** Maximum calls in one HTTP request. */
export const MAX_CALLS = 10
/** tRPC reads only the path and the query; a client's `Host` is not trusted for the rest. */
const ORIGIN = 'http://trpc.invalid'

/**
 * Serves one tRPC request, mounted at `/trpc`, in the same steps as a REST request (ERR-4); tRPC itself only sees
 * requests that passed them.
 */
export async function serveTrpc(api: ApiParts, req: Request, res: Response): Promise<void> {
  const ids = requestIds(req)
  try {
    const { names, search, subscription } = calls(req)
    const state = requestState(req)
    state.operations = names.map((name) => (isOperation(name) || isSubscription(name) ? name : 'unknown'))
    checkWireSize(api, req)
    const encoding = req.method === 'POST' ? bodyEncoding(req.headers) : undefined
    if (names.some((name) => name !== 'health')) checkContract(req)
    const isOpen = names.every((name) => isOperation(name) && OPERATIONS[name].right === 'none')
    const scopes = names.map(scopesOf)
    const actor = isOpen
      ? undefined
      : await authenticateRequest(api, req, {
          scopes,
          isChange:
            req.method === 'POST' && names.some((name) => operationOf(name)?.scopes.includes('admin')),
        })
    const credential = await keyCredential(api, req, provesKey(names))
    const { proof } = credential
    const body =
      encoding && (await readText(req, encoding, api.limits, (bytes) => api.bodies.take(res, bytes)))
    if (body !== undefined) await checkProvenBody(api, req, { actor, proof, body })
    const { key, issue } = encoding ? idempotencyKeyOf(req, false) : {}
    const context: ApiContext = {
      ...requestContext(api, req),
      via: 'trpc',
      actor,
      ...credential,
      idempotencyKey: key,
      transportIssues: issue ? [issue] : [],
      reply: { replayed: false },
    }
    if (subscription !== undefined) {
      return await serveSubscription(context, subscription, search.get('input'), req, res)
    }
    const answer = await resolveResponse({
      router: appRouter,
      req: new Request(`${ORIGIN}${req.path}?${search.toString()}`, {
        method: req.method,
        headers: { 'content-type': 'application/json' },
        ...(body ? { body } : {}),
      }),
      path: names.join(','),
      error: null,
      createContext: () => Promise.resolve(context),
      onError: ({ error, path }) => reportedError(error, api.logger, req, path ?? ''),
    })
    const text = await answer.text()
    state.replayed = names.length === 1 && context.reply.replayed
    res.appendHeader('vary', 'trpc-accept, accept')
    sendJson(res, ids, answer.status, text, {
      headers: state.replayed ? { 'idempotency-replayed': 'true' } : undefined,
      hasSecret: names.some(hasSecret),
    })
  } catch (error) {
    if (error instanceof ClientGone) return
    const reported = reportedError(error, api.logger, req, 'trpc')
    const shape = trpcErrorShape(errorEnvelope(reported, ids, api.clock.now()))
    sendRefusal(req, res, reported, JSON.stringify({ error: shape }))
  }
}

type Calls = {
  readonly names: string[]
  readonly search: URLSearchParams
  /** The one name, if it is a subscription's. */
  readonly subscription?: SubscriptionName
}

const isOperation = (name: string): name is OperationName => Object.hasOwn(OPERATIONS, name)
const operationOf = (name: string): Operation | undefined =>
  isOperation(name) ? OPERATIONS[name] : undefined
const hasSecret = (name: string): boolean => operationOf(name)?.hasSecret ?? false
/** What the calls of a request prove together: one that needs a proof needs it beside one that takes a token, too. */
function provesKey(names: readonly string[]): Operation['provesKey'] {
  const all = names.map((name) => operationOf(name)?.provesKey)
  return all.includes(true) ? true : all.find((each) => each !== undefined)
}
const isSubscription = (name: string): name is SubscriptionName => Object.hasOwn(SUBSCRIPTIONS, name)
/** An operation without a credential, and a name that is none, are allowed to every access token. */
const scopesOf = (name: string): readonly Scope[] => {
  const { right, scopes } = (isSubscription(name) ? SUBSCRIPTIONS[name] : operationOf(name)) ?? ANY_SCOPE
  return right === 'none' ? SCOPES : scopes
}
const ANY_SCOPE = { right: 'none', scopes: [] } as const

/**
 * The procedures that a request calls, and the query passed to tRPC.
 * @throws ServiceError METHOD_NOT_ALLOWED, NOT_FOUND, VALIDATION_ERROR
 */
function calls(req: Request): Calls {
  if (req.method !== 'GET' && req.method !== 'POST') throw methodNotAllowed(['GET', 'POST'])
  const search = searchOf(req)
  const path = decoded(req.path.slice(1))
  const names = search.has('batch') ? path.split(',') : [path]
  if (names.length > MAX_CALLS) {
    throw validationError([{ path: '', message: `must have at most ${MAX_CALLS} calls` }])
  }
  const [subscription, ...others] = names.filter(isSubscription)
  if (subscription !== undefined) {
    if (req.method !== 'GET') throw methodNotAllowed(['GET'])
    if (search.has('batch') || others.length > 0) {
      throw validationError([{ path: '', message: 'must not batch a subscription' }])
    }
    return { names, search, subscription }
  }
  if (!names.some(isOperation)) throw notFound('No such procedure')
  for (const name of names) {
    if (isOperation(name) && OPERATIONS[name].method !== req.method)
      throw methodNotAllowed([OPERATIONS[name].method])
  }
  return { names, search }
}

function searchOf(req: Request): URLSearchParams {
  const [, query = ''] = req.originalUrl.split('?', 2)
  const given = new URLSearchParams(query)
  const search = new URLSearchParams()
  for (const [key, value] of given) {
    const known = key === 'input' || (key === 'batch' && value === '1')
    if (!known)
      throw validationError([{ path: '', message: 'accepts only the query keys `batch=1` and `input`' }])
    if (search.has(key)) throw validationError([{ path: '', message: `must have \`${key}\` once` }])
    search.set(key, value)
  }
  return search
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw malformedBody('has a path that is not valid percent-encoding')
  }
}
