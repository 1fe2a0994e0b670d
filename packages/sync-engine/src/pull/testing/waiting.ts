import type { SyncBatchResponse } from '@fieldsync/contracts'

import { transact } from '../../core/engine-context.ts'
import type { Position } from '../../core/engine-meta.ts'
import { type Call, saveInFlightBatch } from '../../core/in-flight-batch.ts'
import { nameOf } from '../../testing/documents.ts'
import { type KnownRecord, type QueuedWrite, testContext } from '../../testing/test-context.ts'
import { applyAnswer } from '../apply-answer.ts'

type Page = Partial<SyncBatchResponse['downstream']>

/** A device that has sent these writes, whose answer is on its way; without any it has asked for a page. */
export async function waiting(
  known: KnownRecord[],
  sent: QueuedWrite[] = [],
  reported = { resolved: 0, drift: false },
) {
  const world = await testContext()
  await world.know(...known)
  await world.change(async (changeset) => {
    changeset.position.cursor = '1'
    changeset.position.lastSyncAt = 7
  })
  const keys = await world.queue(...sent)
  const entries = sent.map(({ document }, i) => ({ key: keys[i] ?? '', ...nameOf(document) }))
  const call: Call = { syncId: world.context.ids.sync(), body: '{}', cursor: '1', reported, entries }
  await world.change(async (changeset, transaction) => {
    await changeset.load(entries)
    if (entries.length > 0) await saveInFlightBatch(changeset, transaction, call)
  })
  const { stateHash: before } = world.stored('position') as Position
  const answered = (
    page: Page = {},
    conflicts: object[] = [],
    {
      contract,
      raw,
      by = call,
      checkpoint,
    }: { contract?: string; raw?: object; by?: Call; checkpoint?: string } = {},
  ) => {
    const response = {
      serverCursor: '2',
      conflicts,
      downstream: { observations: [], recommendations: [], hasMore: false, ...page },
      ...(checkpoint !== undefined && { checkpoint }),
    } as unknown as SyncBatchResponse
    return transact(world.context, (changeset, transaction) =>
      applyAnswer(world.context, changeset, transaction, by, {
        response,
        raw: { ...response, ...raw },
        contract,
      }),
    )
  }
  return { ...world, keys, call, answered, before }
}
