import { parseSyncBatch, type SyncBatchRequest, type SyncBatchResponse } from '@fieldsync/contracts'
import { type JsonText, validationError } from '@fieldsync/services'

import {
  type ApiContext,
  type CallerContext,
  callerContext,
  serviceContext,
  withTransportIssues,
} from './api-context.ts'
import { asServiceError } from './as-service-error.ts'
import { payloadTooLarge } from './refusals.ts'

/** @throws ServiceError VALIDATION_ERROR */
export function batchInput(value: unknown): SyncBatchRequest {
  const parsed = parseSyncBatch(value)
  if (parsed.ok) return parsed.value
  throw validationError(parsed.issues, parsed.more)
}

/** One batch of an authenticated caller, whatever its transport. @throws ServiceError */
export async function syncBatch(
  ctx: CallerContext,
  input: SyncBatchRequest,
): Promise<JsonText<SyncBatchResponse>> {
  const service = serviceContext(ctx, ctx.actor, ctx.idempotencyKey ?? input.syncId)
  const { observations, recommendations, playbookPatches } = input.upserts
  const records = observations.length + recommendations.length + playbookPatches.length
  // The last bound of a request (ERR-4): checked once its shape is known to be valid.
  if (records > ctx.api.limits.maxRecords) throw payloadTooLarge(ctx.api.limits)
  const { document, replayed } = await ctx.api.verbs.applyBatch({ ctx: service, input })
  ctx.reply.replayed = replayed
  return document
}

/**
 * What the procedure `sync.batch` does, for REST: its calls are those of every phone, and the copies that tRPC makes of the context
 * for each step of a procedure take a fifteenth of the server's time for an idle pull.
 * @throws ServiceError
 */
export async function syncBatchByRest(ctx: ApiContext, value: unknown): Promise<JsonText<SyncBatchResponse>> {
  try {
    return await syncBatch(callerContext(ctx), batchInput(value))
  } catch (error) {
    throw withTransportIssues(asServiceError(error), ctx)
  } finally {
    ctx.parsing?.end()
  }
}
