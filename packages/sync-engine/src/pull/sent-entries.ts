import { fieldsMissing, withoutFields } from '../core/document-fields.ts'
import type { Call } from '../core/in-flight-batch.ts'
import type { OutboxEntry, QueuedEntry, SentEntry } from '../core/outbox-entry.ts'

type Document = OutboxEntry['document']

const ARRAYS = {
  observation: 'observations',
  recommendation: 'recommendations',
  playbookPatch: 'playbookPatches',
} as const

/**
 * The entries of a call with what was really sent of each: the server's side is that (HSH-4), not what was written. Where
 * something was left out or added it is read out of the stored text of the batch, which alone is sure.
 */
export function sentEntries(
  { altered = [], entries, body }: Call,
  queued: readonly QueuedEntry[],
): SentEntry[] {
  const sent = altered.length > 0 ? documentsIn(entries, body) : undefined
  return queued.map((each) => {
    const { document } = each.entry
    const out = altered.includes(each.key) ? (sent?.get(each.key) ?? document) : document
    if (out === document) return { ...each, known: document, sent: document }
    const leftOut = Object.keys(fieldsMissing(document, out))
    return { ...each, known: withoutFields(document, leftOut), sent: out }
  })
}

/** Documents of a body by the places of their entries, which are in the order of the body's arrays. */
function documentsIn(entries: Call['entries'], body: string): Map<string, Document> {
  // It was composed here, of documents.
  const { upserts } = JSON.parse(body) as { upserts: Record<string, Document[]> }
  const found = new Map<string, Document>()
  for (const [type, name] of Object.entries(ARRAYS)) {
    const ofType = entries.filter((entry) => entry.type === type)
    for (const [i, { key }] of ofType.entries()) {
      const document = upserts[name]?.[i]
      if (document) found.set(key, document)
    }
  }
  return found
}
