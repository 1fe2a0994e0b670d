import { type Device, type DeviceReport, fieldsLackedBy } from '@fieldsync/contracts'

import type { Changeset } from '../core/changeset.ts'
import { withoutFields } from '../core/document-fields.ts'
import type { EngineContext } from '../core/engine-context.ts'
import { readMeta, type Reported } from '../core/engine-meta.ts'
import type { Call } from '../core/in-flight-batch.ts'
import type { OutboxEntry, WritableType } from '../core/local-record.ts'
import { instantOf } from '../core/observation-draft.ts'
import type { PickedEntry } from './pick-entries.ts'

const MAX_RESOLVED = 200

/**
 * Puts a batch together: the exact text that goes out. The texts of the records are taken as they are, so that nothing
 * is made twice.
 *
 * @param page most records of the answer
 * @param ahead the batch in flight, all of which was accepted, and the cursor of its answer, which is not applied yet
 */
export async function composeCall(
  context: EngineContext,
  changeset: Changeset,
  device: Device,
  picked: readonly PickedEntry[],
  page: number,
  ahead?: { call: Call; cursor: string },
): Promise<Composed> {
  // On a link that takes little at a time, what is reported must not be what makes a call too large.
  const isSmall = page < context.settings.pageRecords
  const { report, reported } = ahead
    ? await composeReportAhead(changeset, picked, ahead.call)
    : await composeReport(changeset, isSmall ? Math.min(MAX_RESOLVED, page) : MAX_RESOLVED)
  const syncId = context.ids.sync()
  const { lastSyncAt } = changeset.position
  const cursor = ahead?.cursor ?? changeset.position.cursor
  const ordered = inOrder(picked)
  const head = JSON.stringify({
    syncId,
    requestedAt: instantOf(context.clock.now()),
    device: { ...device, lastSyncAt: lastSyncAt === null ? null : instantOf(lastSyncAt) },
    lastKnownServerCursor: cursor,
    maxDownstream: page,
    report,
  })
  const body = bodyOf(
    head,
    ordered.map(({ entry: { type }, text }) => ({ type, text })),
  )
  const entries = ordered.map(({ key, entry: { type, id } }) => ({ key, type, id }))
  const altered = ordered.flatMap((each) => (each.altered ? [each.key] : []))
  const { serverContract: contract } = changeset
  const call = { syncId, body, entries, cursor, page, reported, contract }
  return {
    head,
    documents: ordered.map(({ entry }) => entry.document),
    call: { ...call, ...(altered.length > 0 && { altered }) },
  }
}

/** A call with its text up to the records, and what its entries were written as. */
type Composed = { call: Call; head: string; documents: OutboxEntry['document'][] }

const ORDER = ['observation', 'recommendation', 'playbookPatch'] as const

const inOrder = (picked: readonly PickedEntry[]): PickedEntry[] =>
  ORDER.flatMap((type) => picked.filter(({ entry }) => entry.type === type))

/** The exact text of a batch. @param head everything but the records @param records in the order of the arrays */
export function bodyOf(head: string, records: readonly { type: WritableType; text: string }[]): string {
  const textsOf = (wanted: WritableType) =>
    records.flatMap(({ type, text }) => (type === wanted ? [text] : [])).join(',')
  return (
    `${head.slice(0, -1)},"upserts":{"observations":[${textsOf('observation')}],` +
    `"recommendations":[${textsOf('recommendation')}],"playbookPatches":[${textsOf('playbookPatch')}]}}`
  )
}

/** The numbers as the answer to the batch before will leave them. What that one has reported is not reported twice. */
async function composeReportAhead(
  changeset: Changeset,
  [first]: readonly PickedEntry[],
  { entries }: Call,
): Promise<{ report: DeviceReport; reported: Reported }> {
  const { report } = await composeReport(changeset, 0)
  const { drift: _drift, ...numbers } = report
  const pending = numbers.pending - entries.length
  const [oldest] = await changeset.transaction.list('outbox', { limit: 1 })
  const isSent = numbers.oldestPendingAt !== undefined && entries.some(({ key }) => key === oldest?.[0])
  const oldestPendingAt = isSent && first ? instantOf(first.entry.writtenAt) : numbers.oldestPendingAt
  return {
    report: { ...numbers, pending, ...(oldestPendingAt && { oldestPendingAt }) },
    reported: { resolved: 0, drift: false },
  }
}

async function composeReport(
  changeset: Changeset,
  mostResolved: number,
): Promise<{ report: DeviceReport; reported: Reported }> {
  const [resolved, drift, checkpoint] = await readMeta(changeset.transaction, [
    'resolved',
    'drift',
    'checkpoint',
  ])
  const [oldest] = await changeset.transaction.list('outbox', { limit: 1 })
  const { pending, conflicts, quarantined, localOnly } = changeset.queue
  const reportable = (resolved ?? []).slice(0, mostResolved)
  const report: DeviceReport = {
    pending,
    conflicts,
    quarantined,
    ...(localOnly > 0 && { localOnly }),
    ...(oldest && { oldestPendingAt: instantOf(oldest[1].writtenAt) }),
    ...(reportable.length > 0 && { resolved: reportable }),
    ...(drift && { drift }),
    ...(checkpoint !== undefined && { checkpoint }),
  }
  return {
    report: withoutFields(report, fieldsLackedBy('report', changeset.serverContract)),
    reported: { resolved: reportable.length, drift: drift !== undefined },
  }
}
