import type { ValidationIssue } from '@fieldsync/contracts'
import {
  type AdminContext,
  type AuthenticatedActor,
  type Proof,
  type ProvenRequest,
  type ServiceContext,
  type ServiceError,
  validationError,
} from '@fieldsync/services'

import type { ApiLimits, ApiOptions, StreamTiming } from './api-options.ts'
import type { MemoryBudget } from './memory-budget.ts'
import { internalError } from './refusals.ts'
import { type RequestIds, type RequestState } from './request-state.ts'
import type { Verbs } from './verbs.ts'

/** The API's options with every default filled in, and the state that its requests share. */
export type ApiParts = ApiOptions & {
  readonly limits: ApiLimits
  readonly verbs: Verbs
  readonly streamTiming: StreamTiming
  readonly bodies: MemoryBudget
}

/** What a procedure knows about the request it serves. */
export type ApiContext = {
  readonly api: ApiParts
  readonly via: 'rest' | 'trpc'
  readonly ids: RequestIds
  readonly span: RequestState['span']
  /** The span of its input, from the first byte that is parsed until the verb begins. */
  readonly parsing?: RequestState['span']
  /** Undefined only where the operation needs no credential. */
  readonly actor: AuthenticatedActor | undefined
  /** Only where the operation proves a key: the request's proof of it. */
  readonly proof: Proof | undefined
  /** Only where a pre-shared token takes the place of that proof. */
  readonly deviceToken: string | undefined
  /** Runs a check of a credential that only the verb can make: a refusal counts as one of the credential (ENR-4). */
  readonly refusable: <T>(check: () => Promise<T>) => Promise<T>
  /** The request as a proof names it. */
  readonly request: () => ProvenRequest
  /** This server as the client addressed it, without a slash at its end. */
  readonly address: () => string
  /** The contract version that the client announces (HDR-4). */
  readonly contract: string | undefined
  /** The unquoted `Idempotency-Key` header. */
  readonly idempotencyKey: string | undefined
  /** Issues outside the body (headers, path), reported together with those of the body. */
  readonly transportIssues: readonly ValidationIssue[]
  /**
   * What a procedure returns to its transport besides the answer. `replayed`: it was stored by an earlier request
   * (IDM-2). `proposed`: it waits for a second person (PUB-10).
   */
  readonly reply: { replayed: boolean; proposed?: boolean }
}

/** The context of a call with a credential. */
export type CallerContext = ApiContext & { readonly actor: AuthenticatedActor }

/** The same context, of which the transport has identified the caller. */
export function callerContext(ctx: ApiContext): CallerContext {
  if (hasActor(ctx)) return ctx
  throw internalError(new Error('a procedure that needs a credential was called without an actor'))
}

const hasActor = (ctx: ApiContext): ctx is CallerContext => ctx.actor !== undefined

/** Issues outside the body are reported together with those inside it (ERR-5). */
export function withTransportIssues(error: ServiceError, { transportIssues }: ApiContext): ServiceError {
  if (error.code !== 'VALIDATION_ERROR' || transportIssues.length === 0) return error
  const { issues, more } = error.details ?? {}
  if (!Array.isArray(issues)) return error
  const inBody = issues as { path: string; message: string }[]
  return validationError([...transportIssues, ...inBody], typeof more === 'number' ? more : 0)
}

/** A request whose body is valid and whose headers are not stops after its input. */
export function refuseTransportIssues({ transportIssues }: ApiContext): void {
  if (transportIssues.length > 0) throw validationError([])
}

/**
 * The context a verb runs in. `idempotencyKey` is empty for reads.
 * @throws ServiceError VALIDATION_ERROR, see {@link refuseTransportIssues}
 */
export function serviceContext(
  ctx: ApiContext,
  actor: AuthenticatedActor,
  idempotencyKey: string,
): ServiceContext {
  refuseTransportIssues(ctx)
  const { requestId, traceId } = ctx.ids
  const { runtime, clock } = ctx.api
  const { via, contract, span, parsing } = ctx
  parsing?.end()
  return { runtime, clock, actor, request: { requestId, traceId, via, idempotencyKey, contract, span } }
}

/** The context of a verb that has no caller. */
export function anonymousContext({ api, ids, via }: ApiContext): AdminContext {
  const { requestId, traceId } = ids
  return {
    runtime: api.runtime,
    clock: api.clock,
    request: { requestId, traceId, via, idempotencyKey: '' },
  }
}
