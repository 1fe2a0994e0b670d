import type { SyncBatchResponse } from '@fieldsync/contracts'

import { fieldsMissing, withoutFields } from '../core/document-fields.ts'
import type { Call } from '../core/in-flight-batch.ts'
import type { OutboxEntry, QueuedEntry, SentEntry, WritableType } from '../core/local-record.ts'

type Document = OutboxEntry['document']

const ARRAYS = {
  observation: 'observations',
  recommendation: 'recommendations',
  playbookPatch: 'playbookPatches',
} as const
const WRITABLE_TYPES = ['observation', 'recommendation', 'playbookPatch'] as const

/**
 * The entries of a call with what was really sent of each: the server's side is that (HSH-4), not what was written. Where
 * something was left out or added it is read out of the stored text of the batch, which alone is sure.
 */
export function sentEntries({ altered, entries, body }: Call, queued: readonly QueuedEntry[]): SentEntry[] {
  const sent = altered ? documentsIn(entries, body, altered) : new Map<string, Document>()
  return queued.map((each) => {
    const { document } = each.entry
    const out = sent.get(each.key) ?? document
    const leftOut = Object.keys(fieldsMissing(document, out))
    return { ...each, known: withoutFields(document, leftOut), sent: out }
  })
}

/** Documents of a body by these places of their entries, which are in the order of the body's arrays. */
function documentsIn(
  entries: Call['entries'],
  body: string,
  altered: readonly string[],
): Map<string, Document> {
  // It was composed here, of documents.
  const { upserts } = JSON.parse(body) as { upserts: Record<(typeof ARRAYS)[WritableType], Document[]> }
  const found = new Map<string, Document>()
  for (const type of WRITABLE_TYPES) {
    const ofType = entries.filter((entry) => entry.type === type)
    for (const [i, { key }] of ofType.entries()) {
      const document = upserts[ARRAYS[type]][i]
      if (document && altered.includes(key)) found.set(key, document)
    }
  }
  return found
}

/**
 * An answer's records as they came, with what a newer server may have added: the state hash is over these (HSH-1). Keys
 * that this version knows are read from the checked copies.
 */
export type RawRecords = {
  observations: readonly object[]
  recommendations: readonly object[]
  playbooks: readonly object[]
  /** Of each conflict the record that won, and the playbook to rebase on. */
  conflicts: readonly { winner: object | undefined; playbook: object | undefined }[]
}

/** @param raw an answer that has passed its schema */
export const rawRecords = ({ downstream, conflicts }: SyncBatchResponse): RawRecords => ({
  observations: downstream.observations,
  recommendations: downstream.recommendations,
  playbooks: downstream.playbooks ?? [],
  conflicts: conflicts.map(({ server, playbook }) => ({
    winner: server?.record,
    playbook: playbook?.document,
  })),
})
