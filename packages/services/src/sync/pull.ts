import { DEFAULT_MAX_DOWNSTREAM, type SyncBatchRequest, type SyncBatchResponse } from '@fieldsync/contracts'
import { storeDeviceStates } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Replayable, separated } from '../core/json-text.ts'
import { CredentialChanged, type ServiceError } from '../core/service-error.ts'
import { MAX_PAGE_BYTES } from '../lists/page-bytes.ts'
import { cursorInvalid, keyConflict } from '../write/commit-decided.ts'
import { checkpointField } from './checkpoint-field.ts'
import { cursorPosition } from './cursor-position.ts'
import { deviceState } from './device-state.ts'

/** A batch without upserts: reads one page, stores no answer, takes no lock (IDM rules). */
export async function pull(
  ctx: ServiceContext,
  input: SyncBatchRequest,
): Promise<Replayable<SyncBatchResponse> | ServiceError> {
  const { actor } = ctx
  const { db, deviceStates, pages } = ctx.runtime
  const now = ctx.clock.now()
  const page = await pages.read({
    workspaceId: actor.workspaceId,
    deviceId: actor.deviceId,
    epoch: actor.epoch,
    operation: 'sync.batch',
    idempotencyKey: ctx.request.idempotencyKey,
    syncId: input.syncId,
    ...cursorPosition(input.lastKnownServerCursor),
    maxRecords: input.maxDownstream ?? DEFAULT_MAX_DOWNSTREAM,
    maxBytes: MAX_PAGE_BYTES,
  })
  switch (page.outcome) {
    case 'credential':
      return new CredentialChanged()
    case 'key_bound':
      return keyConflict()
    case 'cursor_invalid':
      return cursorInvalid()
    case 'done':
      break
  }
  const state = deviceState(actor, input, now, page.lastPosition)
  // A resolved conflict leaves the work queue for good, so it is not left to the buffer.
  if (state.resolved) await db.monitor.write(() => storeDeviceStates(db.pool, [state], 'committed'))
  else deviceStates.add(state)
  const document = new JsonText<SyncBatchResponse>(
    `{"syncId":${JSON.stringify(input.syncId)},"acceptedAt":"${now.toISOString()}","serverCursor":"${page.cursor}",` +
      '"acceptedCounts":{"observations":0,"recommendations":0,"playbookPatches":0},"conflicts":[],' +
      `"downstream":{"playbook":${page.playbook},"observations":[`,
    ...separated(page.observations),
    '],"recommendations":[',
    ...separated(page.recommendations),
    `],"hasMore":${page.hasMore}${page.rest}${page.hasMore ? '' : `,"stateHash":"${page.stateHash}"`}}${checkpointField(ctx, input)}}`,
  )
  return { document, replayed: false }
}
