import { type AuthenticatedActor, JsonText } from '@fieldsync/services'
import { callTRPCProcedure } from '@trpc/server'
import type { Request, Response } from 'express'

import type { ApiContext, ApiParts } from '../core/api-context.ts'
import { reportedError } from '../core/as-service-error.ts'
import { requestIds, requestState } from '../core/request-state.ts'
import { syncBatchByRest } from '../core/sync-batch.ts'
import {
  authenticateRequest,
  checkContract,
  checkProvenBody,
  checkWireSize,
  errorAfterCredential,
  requestContext,
  keyCredential,
} from '../http/authenticate-request.ts'
import { idempotencyKeyOf } from '../http/idempotency-key.ts'
import { parseJson, readText } from '../http/json-body.ts'
import { bodyEncoding } from '../http/media-type.ts'
import { ClientGone } from '../http/read-body.ts'
import { sendError, sendJson } from '../http/send.ts'
import { appRouter } from '../trpc/router.ts'
import { bodyInput, queryInput, type RestInput } from './rest-input.ts'
import type { RestRoute } from './rest-route.ts'

/** Serves one REST request: the checks in the order of ERR-4, then the operation's tRPC procedure, or what that does. */
export async function serveRest(api: ApiParts, route: RestRoute, req: Request, res: Response): Promise<void> {
  let actor: AuthenticatedActor | undefined
  const state = requestState(req)
  state.operations = route.calls
  try {
    checkWireSize(api, req)
    const encoding = route.method === 'POST' ? bodyEncoding(req.headers) : undefined
    // Monitors ask for it, and builds of any age.
    if (route.name !== 'health') checkContract(req)
    // A batch checks the caller's rights again in its own statement, so that a phone's most frequent call is one round
    // trip.
    const isBatch = route.name === 'sync.batch'
    if (route.right !== 'none')
      actor = await authenticateRequest(api, req, {
        scopes: [route.scopes],
        fromMemory: isBatch,
        isChange: route.scopes.includes('admin') && route.method === 'POST',
      })
    const credential = await keyCredential(api, req, route.provesKey)
    const { proof } = credential
    const text =
      encoding && (await readText(req, encoding, api.limits, (bytes) => api.bodies.take(res, bytes)))
    if (text !== undefined) await checkProvenBody(api, req, { actor, proof, body: text })
    const parsing = text === undefined ? undefined : state.span?.child('parse')
    const { input, issues }: RestInput =
      text === undefined ? queryInput(route, req) : bodyInput(route, req, parseJson(text))
    const { key, issue } = encoding ? idempotencyKeyOf(req, route.right !== 'none') : {}
    const reply = { replayed: false, proposed: false }
    const transportIssues = issue ? [issue, ...issues] : issues
    const context: ApiContext = {
      ...requestContext(api, req),
      via: 'rest',
      actor,
      ...credential,
      idempotencyKey: key,
      transportIssues,
      reply,
      parsing,
    }
    const answer = await (isBatch ? syncBatchByRest(context, input) : call(route, context, input))
    state.replayed = reply.replayed
    sendAnswer(api, route, req, res, answer, reply)
  } catch (error) {
    if (error instanceof ClientGone) return
    const reported = await errorAfterCredential(api, req, actor, error)
    sendError(req, res, reportedError(reported, api.logger, req, route.operationId), api.clock.now())
  }
}

/** Calls the operation's procedure by its name, as a tRPC request would. */
const call = (route: RestRoute, ctx: ApiContext, input: unknown): Promise<unknown> =>
  callTRPCProcedure({
    router: appRouter,
    path: route.name,
    type: route.method === 'GET' ? 'query' : 'mutation',
    ctx,
    getRawInput: () => Promise.resolve(input),
    signal: undefined,
    batchIndex: 0,
  })

type Page = { readonly items: JsonText<unknown>; readonly nextCursor: string | null }
const isPage = (answer: unknown): answer is Page =>
  typeof answer === 'object' && answer !== null && 'items' in answer && answer.items instanceof JsonText

/** Sends stored text unchanged, and a list as an array with its `Link`. */
function sendAnswer(
  api: ApiParts,
  route: RestRoute,
  req: Request,
  res: Response,
  answer: unknown,
  { replayed, proposed }: { readonly replayed: boolean; readonly proposed: boolean },
): void {
  const ids = requestIds(req)
  const { hasSecret } = route
  if (answer instanceof JsonText) {
    const headers = replayed ? { 'idempotency-replayed': 'true' } : undefined
    sendJson(res, ids, proposed ? 202 : route.status, answer.pieces, { headers, hasSecret })
  } else if (isPage(answer)) {
    const { items, nextCursor } = answer
    const headers =
      nextCursor === null ? undefined : { link: nextLink(req.originalUrl, nextCursor, api.publicUrl) }
    sendJson(res, ids, route.status, items.pieces, { headers, hasSecret })
  } else {
    sendJson(res, ids, route.status, JSON.stringify(answer), { hasSecret })
  }
}

/** The `Link` header of a page that has a next one (RFC 8288): the same request from `nextCursor` on (OPS-17). */
function nextLink(originalUrl: string, nextCursor: string, publicUrl: string | undefined): string {
  const [path = '', query = ''] = originalUrl.split('?', 2)
  const search = new URLSearchParams(query)
  search.set('cursor', nextCursor)
  return `<${publicUrl ?? ''}${path}?${search.toString()}>; rel="next"`
}
