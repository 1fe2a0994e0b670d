import { initTRPC, TRPCError } from '@trpc/server'

import { type ApiContext, callerContext, withTransportIssues } from '../core/api-context.ts'
import { asServiceError } from '../core/as-service-error.ts'
import { errorEnvelope } from '../core/envelope.ts'
import { trpcCode, trpcErrorShape } from './error-shape.ts'

const t = initTRPC.context<ApiContext>().create({
  errorFormatter: ({ error, ctx, path }) => {
    const reported = asServiceError(error)
    const { ids, api } = ctx ?? NO_CONTEXT
    return trpcErrorShape(errorEnvelope(reported, ids, api.clock.now()), path)
  },
})

// tRPC has no context for its own errors from before a call; the HTTP handler rules out such errors.
const NO_CONTEXT = { ids: { requestId: '', traceId: '' }, api: { clock: { now: () => new Date() } } }

export const { router } = t

/** The error with its tRPC code. */
function describeError(error: TRPCError, ctx: ApiContext): TRPCError {
  const reported = withTransportIssues(asServiceError(error), ctx)
  return new TRPCError({ code: trpcCode(reported.code), message: reported.message, cause: reported })
}

/** A procedure that needs no credential. */
export const openProcedure = t.procedure.use(async ({ ctx, next }) => {
  const result = await next()
  if (!result.ok) throw describeError(result.error, ctx)
  return result
})

/** A procedure of an authenticated caller. What the caller may do is decided by the verb. */
export const procedure = t.procedure.use(async ({ ctx, next }) => {
  const { actor } = callerContext(ctx)
  const parsing = ctx.parsing ?? ctx.span?.child('parse')
  const result = await next({ ctx: { actor, parsing } })
  // What its verb has not ended was refused before that.
  parsing?.end()
  if (!result.ok) throw describeError(result.error, ctx)
  return result
})
