import type { Recommendation } from '@fieldsync/contracts'

import type { Changeset } from '../core/changeset.ts'
import type { OutboxEntry } from '../core/outbox-entry.ts'

const PAGE = 500

/**
 * Changes the recommendations that this device wrote and the server does not have, queued or laid aside, along with the
 * record they name. One that the server has keeps what it names there.
 */
export async function followReferences(
  changeset: Changeset,
  change: (recommendation: Recommendation) => Recommendation,
): Promise<void> {
  await followQueued(changeset, change)
  for (const conflict of await changeset.conflictsOf('recommendation')) {
    const losing = conflict.losing as Recommendation
    const changed = change(losing)
    const record = await changeset.read('recommendation', conflict.entityId)
    if (changed === losing || record.server !== null) continue
    changeset.replaceConflict({ ...conflict, losing: changed })
    if (record.local) changeset.put({ ...record, local: change(record.local) })
  }
}

async function followQueued(
  changeset: Changeset,
  change: (recommendation: Recommendation) => Recommendation,
): Promise<void> {
  let after = ''
  for (;;) {
    const page = await changeset.transaction.list('outbox', { after, limit: PAGE })
    const ours = page.filter(
      ([, { document }]) => 'recommendationId' in document && change(document) !== document,
    )
    await changeset.load(ours.map(([, { type, id }]) => ({ type, id })))
    for (const [key, entry] of ours) {
      const record = changeset.record('recommendation', entry.id)
      // What is on its way cannot be changed any more: its answer decides.
      const sent = record.queued.indexOf(key) < record.inFlight
      if (record.server === null && !sent) changeset.replaceEntry(key, changedEntry(entry, change))
    }
    const last = page.at(-1)
    if (last === undefined) return
    after = last[0]
  }
}

/** Naming another record, it is a new write, which waits for nothing that the server has lost (CUR-10). */
function changedEntry(
  { offer: _offer, ...entry }: OutboxEntry,
  change: (recommendation: Recommendation) => Recommendation,
): OutboxEntry {
  return { ...entry, document: change(entry.document as Recommendation) }
}
