export {
  type ApiLimits,
  type ApiLogger,
  type ApiOptions,
  DEFAULT_LIMITS,
  type RateKey,
  type SharedRateKey,
  type RateLimiter,
  type RateVerdict,
} from './core/api-options.ts'
export { memoryTaken } from './core/memory-budget.ts'
export { createApi } from './create-api.ts'
export { type CallOutcome, type FinishedCall, finishedCalls, isStream } from './core/request-calls.ts'
export { causeOf, type RequestIds, requestIds, requestState, traceRequest } from './core/request-state.ts'
export { sendError } from './http/send.ts'
export { openApiDocument } from './openapi/document.ts'
export type { TrpcErrorData } from './trpc/error-shape.ts'
export type { AppRouter } from './trpc/app-router.ts'
export type { Verbs } from './core/verbs.ts'
