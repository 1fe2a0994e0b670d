import type { EngineContext } from '../engine/engine-context.ts'
import type { WrittenName } from '../engine/engine-events.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type FullPull, readKept, writeKept } from '../model/kept-values.ts'
import type { EntityType, LocalRecord } from '../model/local-record.ts'
import type { WriteTransaction } from '../ports/local-store.ts'
import { noteHealed } from './healing.ts'
import { enqueueOffer, mayBeOffered } from './offer-again.ts'

const PAGE = 500

/**
 * Starts over from the beginning of the log. Everything stays on the device meanwhile; each page confirms what it
 * brings, and what no page has confirmed is looked through at the end (ENG-15).
 */
export async function startFullPull(
  ledger: Ledger,
  transaction: WriteTransaction,
  reason: FullPull['reason'],
): Promise<void> {
  const [running] = await readKept(transaction, ['fullPull'])
  ledger.position = { ...ledger.position, cursor: '', generation: ledger.position.generation + 1 }
  await writeKept(transaction, 'fullPull', {
    // Patches are offered again after a reset only; one that was under way must not be forgotten for a drift.
    reason: running?.reason === 'cursor' ? 'cursor' : reason,
    step: 'pages',
    swept: '',
    serverHash: null,
  })
}

/**
 * Looks through some of the records at the end of a full pull: the server no longer has what no page confirmed. Of that
 * a device keeps its own writes, and offers again what was acknowledged lately.
 *
 * @returns what was offered
 */
export async function sweepSome(
  context: EngineContext,
  ledger: Ledger,
  transaction: WriteTransaction,
  fullPull: FullPull,
): Promise<WrittenName[]> {
  const rows = await transaction.list('records', { after: fullPull.swept, limit: PAGE })
  await loadSwept(
    ledger,
    rows.map(([, record]) => record),
  )
  const now = context.clock.now()
  const offered: WrittenName[] = []
  for (const [, { type, id }] of rows) {
    const record = ledger.record(type, id)
    if (record.server === null || record.generation === ledger.position.generation) continue
    if (record.type === 'playbookPatch' && fullPull.reason !== 'cursor') continue
    ledger.putServer(type, id, null)
    if (type === 'playbook' || !mayBeOffered(context, record, now)) continue
    enqueueOffer(ledger, record, now)
    offered.push({ type, id })
  }
  const last = rows.at(-1)
  if (last) {
    await writeKept(transaction, 'fullPull', { ...fullPull, swept: last[0] })
  } else {
    // The server may know an offer after all, and then answers for it as for one that was sent before.
    ledger.queue.unsettledBefore = ledger.queue.nextSequence
    await writeKept(transaction, 'fullPull', undefined)
    await noteHealed(context, ledger, transaction, fullPull)
  }
  return offered
}

async function loadSwept(ledger: Ledger, records: readonly LocalRecord[]): Promise<void> {
  await ledger.load(
    records.flatMap(({ type, id, server }): { type: EntityType; id: string }[] =>
      server && 'patchId' in server
        ? [
            { type, id },
            { type: 'playbook', id: server.playbookId },
          ]
        : [{ type, id }],
    ),
  )
}
