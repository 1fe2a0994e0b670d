import { NONCE_HEADER, OAUTH_PATHS } from '@fieldsync/contracts'
import { type NextFunction, type Request, type Response, Router } from 'express'

import { addAuthEndpoints } from './auth/endpoints.ts'
import type { ApiParts } from './core/api-context.ts'
import { type ApiOptions, DEFAULT_LIMITS } from './core/api-options.ts'
import { reportedError } from './core/as-service-error.ts'
import { MemoryBudget } from './core/memory-budget.ts'
import { malformedBody, methodNotAllowed, notFound } from './core/refusals.ts'
import { SERVICE_VERBS } from './core/verbs.ts'
import { sendError } from './http/send.ts'
import { addOAuthEndpoints } from './oauth/endpoints.ts'
import { OPENAPI_PATH, serveOpenApi } from './openapi/serve-open-api.ts'
import { serveRest } from './rest/handler.ts'
import { expressPath, REST_ROUTES, type RestRoute } from './rest/rest-route.ts'
import { STREAM_TIMING } from './trpc/event-stream.ts'
import { serveTrpc } from './trpc/handler.ts'

const MiB = 1024 * 1024

/** Every answer below these carries the nonce for the caller's next proof (ACC-17). */
const API_PATHS = ['/v1', '/trpc', ...Object.values(OAUTH_PATHS)]

/**
 * Both transports of the server: REST under `/v1` and tRPC under `/trpc`, for mounting at the root of an Express app.
 * Answers everything under these two paths itself, errors included; other paths are left to the app.
 */
export function createApi(options: ApiOptions): Router {
  const limits = options.limits ?? DEFAULT_LIMITS
  const api: ApiParts = {
    ...options,
    limits,
    bodies: bodyBudget(limits.maxBytes),
    streamTiming: options.streamTiming ?? STREAM_TIMING,
    verbs: options.verbs ?? SERVICE_VERBS,
  }
  const router = Router({ caseSensitive: true, strict: true })
  const routes = [...REST_ROUTES].sort((a, b) => weight(b.name) - weight(a.name))

  router.use(API_PATHS, (_req, res, next) => {
    res.setHeader(NONCE_HEADER, api.runtime.nonces.current(api.clock.now()))
    next()
  })
  for (const route of routes) {
    const serve = (req: Request, res: Response): Promise<void> => serveRest(api, route, req, res)
    for (const path of pathsOf(route).map(expressPath)) {
      if (route.method === 'GET') router.get(path, serve)
      else router.post(path, serve)
    }
  }
  addOAuthEndpoints(api, router)
  addAuthEndpoints(api, router)
  router.get(OPENAPI_PATH, serveOpenApi(api))
  for (const [path, allow] of allowedMethods()) {
    router.all(expressPath(path), (req, res) => sendError(req, res, methodNotAllowed(allow), api.clock.now()))
  }

  router.use('/trpc', (req, res) => serveTrpc(api, req, res))
  router.use('/v1', (req, res) => sendError(req, res, notFound('No such address'), api.clock.now()))
  router.use((error: unknown, req: Request, res: Response, _next: NextFunction) => {
    const reported = isBadPath(error) ? malformedBody('has a path that is not valid percent-encoding') : error
    sendError(req, res, reportedError(reported, api.logger, req, 'route'), api.clock.now())
  })
  return router
}

/** For decoded bodies; their parsed values take many times as much. A device sends one at a time. */
const bodyBudget = (maxBytes: number): MemoryBudget =>
  new MemoryBudget(Math.max(64 * MiB, maxBytes), Math.max(16 * MiB, maxBytes))

const pathsOf = ({ path, alias }: RestRoute): string[] => (alias ? [path, alias] : [path])

/** Express tries routes in order: the one that is called most comes first. */
const weight = (name: string): number => Number(name === 'sync.batch')

function allowedMethods(): Map<string, string[]> {
  const methods = new Map<string, string[]>([[OPENAPI_PATH, ['GET', 'HEAD']]])
  for (const route of REST_ROUTES) {
    const more = route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]
    for (const path of pathsOf(route)) methods.set(path, [...(methods.get(path) ?? []), ...more])
  }
  return methods
}

/** Express reports a path parameter that cannot be percent-decoded as a URIError. */
const isBadPath = (error: unknown): boolean => error instanceof URIError
