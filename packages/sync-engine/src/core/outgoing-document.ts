import { CONTRACT_VERSION, fieldsLackedBy, isOlderContract } from '@fieldsync/contracts'

import { fieldsMissing, withFields, withoutFields } from './document-fields.ts'
import type { LocalRecord, OutboxEntry, WritableType } from './local-record.ts'

/** A write as a server of one contract version takes it. */
type Outgoing = {
  /** What of the written document goes out. */
  known: OutboxEntry['document']
  /** The same with what this build does not know of the record: exactly what is sent. */
  sent: OutboxEntry['document']
}

/**
 * What of a write goes out (ENG-32, ENG-34): without the fields that the server lacks, and with the record's keys that
 * only a newer build knows, toward a server that has them.
 *
 * @param record the write's record
 * @param contract what the server speaks
 */
export function outgoing(entry: OutboxEntry, record: LocalRecord, contract: string): Outgoing {
  const lacking = fieldsLackedBy(entry.type, contract)
  const known = withoutFields(entry.document, [...lacking, ...heldBack(entry, record)])
  const { unknown } = record
  const takesUnknown =
    unknown !== undefined &&
    isOlderContract(CONTRACT_VERSION, contract) &&
    !isOlderContract(contract, unknown.contract)
  return { known, sent: takesUnknown ? withFields(known, unknown.fields) : known }
}

/**
 * On a version that stands, a change of status must not change the content (OBS-9): what the server was not given before
 * waits for a correction.
 */
function heldBack({ document }: OutboxEntry, { withheld, server }: LocalRecord): string[] {
  if (!withheld || server === null || !('rawNoteText' in document) || !('rawNoteText' in server)) return []
  if (server.status === 'draft') return []
  const corrects = document.correction?.correctionId !== server.correction?.correctionId
  return corrects ? [] : Object.keys(withheld.fields)
}

/** Forms in which a server of whatever version may hold a document of this build, the whole one first. */
export function formsOf(type: WritableType, document: OutboxEntry['document']): OutboxEntry['document'][] {
  const oldest = withoutFields(document, fieldsLackedBy(type, '0.0.0'))
  return oldest === document ? [document] : [document, oldest]
}

/** What a record keeps beside the server's side after a write of it was accepted in part. */
export function withheldOf(
  { document }: OutboxEntry,
  known: OutboxEntry['document'],
): LocalRecord['withheld'] {
  if (known === document) return undefined
  const fields = fieldsMissing(document, known)
  return { fields, ...('updatedAt' in document && { updatedAt: document.updatedAt ?? null }) }
}
