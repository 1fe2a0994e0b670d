import type { SubscriptionName } from '@fieldsync/contracts'
import { callTRPCProcedure } from '@trpc/server'
import type { Request, Response } from 'express'

import type { ApiContext } from '../core/api-context.ts'
import { reportedError } from '../core/as-service-error.ts'
import { errorEnvelope } from '../core/envelope.ts'
import { internalError } from '../core/refusals.ts'
import { parseJson } from '../http/json-body.ts'
import { trpcErrorShape } from './error-shape.ts'
import { sendEvents } from './event-stream.ts'
import { appRouter } from './router.ts'

/**
 * Answers a subscription that passed the checks of its request: a refusal has an HTTP status as for any other call;
 * after that it is a stream of events, whose last one may be an error.
 *
 * @throws ServiceError or TRPCError before anything was sent
 */
export async function serveSubscription(
  context: ApiContext,
  name: SubscriptionName,
  input: string | null,
  req: Request,
  res: Response,
): Promise<void> {
  const { api, ids } = context
  const given = input === null ? undefined : parseJson(input)
  const events: unknown = await callTRPCProcedure({
    router: appRouter,
    path: name,
    type: 'subscription',
    ctx: context,
    getRawInput: () => Promise.resolve(given),
    signal: undefined,
    batchIndex: 0,
  })
  if (!isEvents(events)) throw internalError(new Error(`${name} gave no events`))
  const describe = (cause: unknown) => {
    const error = reportedError(cause, api.logger, req, name)
    return { error, shape: trpcErrorShape(errorEnvelope(error, ids, api.clock.now()), name) }
  }
  await sendEvents(res, ids, events, describe, api.streamTiming)
}

const isEvents = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value
