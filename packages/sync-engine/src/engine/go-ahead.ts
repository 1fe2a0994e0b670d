import type { Device } from '@fieldsync/contracts'

import { saveBatchAhead } from '../core/batch-ahead.ts'
import { type EngineContext, readStore, transact } from '../core/engine-context.ts'
import { type QueueNumbers, readMeta } from '../core/engine-meta.ts'
import type { Call } from '../core/in-flight-batch.ts'
import { recordKey } from '../core/local-record.ts'
import { namedDownstream } from '../pull/merge-downstream.ts'
import type { SentAhead } from '../pull/promote-ahead.ts'
import { callSizes } from '../push/call-sizes.ts'
import { composeCall } from '../push/compose-batch.ts'
import { resendRules } from '../push/hold.ts'
import { type PickedEntry, pickEntries } from '../push/pick-entries.ts'
import type { Sent } from '../push/send-call.ts'

/** The writes of the next batch, read while one is on its way, and how the store was then. */
export type Prepared = { picked: PickedEntry[]; page: number; queue: QueueNumbers; contract: string }

/**
 * Reads what may go out as soon as the answer to the batch on its way is there, before that is applied (ENG-87). Undefined where
 * there is nothing of the kind, and where something else than plain batches is due.
 *
 * @param call the batch on its way
 */
export const prepareAhead = (context: EngineContext, { entries }: Call): Promise<Prepared | undefined> =>
  readStore(context, async (changeset) => {
    const { queue, serverContract: contract, transaction } = changeset
    if (queue.pending <= entries.length) return undefined
    const special = await readMeta(transaction, ['fullPull', 'isolation', 'trial', 'ahead'])
    if (special.some((each) => each !== undefined)) return undefined
    const sizes = await callSizes(context, transaction)
    const last = entries.reduce((latest, { key }) => (key > latest ? key : latest), '')
    const { picked } = await pickEntries(changeset, sizes, [], resendRules(context), last)
    return picked.length === 0 ? undefined : { picked, page: sizes.page, queue: { ...queue }, contract }
  })

/**
 * Whether the prepared batch may follow an answer that is not applied yet: everything was accepted at the first attempt, by
 * the version that the batch was prepared for, and nothing came down of what is in the batch, or is rested on by it.
 */
function isPlain(sent: Sent, { picked, contract }: Prepared): sent is Extract<Sent, { kind: 'result' }> {
  if (sent.kind !== 'result' || sent.recovered) return false
  const { conflicts, downstream } = sent.response
  if (conflicts.length > 0 || (sent.contract ?? contract) !== contract) return false
  const brought = new Set(namedDownstream(downstream).map(({ type, id }) => recordKey(type, id)))
  if (brought.size === 0) return true
  return !picked.some(({ entry: { type, id, document } }) => {
    const restsOn = 'observationId' in document ? recordKey('observation', document.observationId) : ''
    return brought.has(recordKey(type, id)) || brought.has(restsOn)
  })
}

/** A stored batch ahead, to be sent now. */
export type Ahead = SentAhead & { call: Call }

/**
 * Stores the prepared batch, to be sent now, where the answer allows it and nothing was queued, replaced or taken out
 * meanwhile.
 *
 * @param call the batch that was answered, and is the stored one
 */
export async function storeAhead(
  context: EngineContext,
  device: Device,
  call: Call,
  sent: Sent,
  prepared: Prepared,
): Promise<Ahead | undefined> {
  if (!isPlain(sent, prepared)) return undefined
  const { picked, page, queue } = prepared
  return transact(context, async (changeset, transaction) => {
    const [stored] = await readMeta(transaction, ['snapshot'])
    const isAsPrepared = JSON.stringify(changeset.queue) === JSON.stringify(queue)
    if (stored?.syncId !== call.syncId || !isAsPrepared) return undefined
    const cursor = sent.response.serverCursor
    const next = await composeCall(context, changeset, device, picked, page, { call, cursor })
    await saveBatchAhead(changeset, transaction, next.call, { ...next, after: call.syncId })
    return { call: next.call, body: next.call.body, documents: next.documents }
  })
}
