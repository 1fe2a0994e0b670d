import type { AuditEntry } from '@fieldsync/contracts'

import { JsonText, type Page, separated } from '../core/json-text.ts'
import { MAX_PAGE_BYTES } from '../lists/page-bytes.ts'

/** Entries as far as they fit in one answer, by number and by bytes; at least one. */
export class EntryPage {
  /** There is an entry more than fits. */
  full = false
  readonly #limit: number
  readonly #entries: string[] = []
  #bytes = 0
  #last: AuditEntry | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  add(entry: AuditEntry): void {
    this.full ||= this.#entries.length === this.#limit || this.#bytes >= MAX_PAGE_BYTES
    if (this.full) return
    const text = JSON.stringify(entry)
    this.#entries.push(text)
    this.#bytes += Buffer.byteLength(text)
    this.#last = entry
  }

  /** @param cursorOf the cursor of the page after the one that ends with this entry */
  answer(cursorOf: (last: AuditEntry) => string): Page<AuditEntry> {
    return {
      items: new JsonText('[', ...separated(this.#entries), ']'),
      nextCursor: this.full && this.#last ? cursorOf(this.#last) : null,
    }
  }
}

/** Where an entry lies in the chain: the number of its row, and its index in it. */
export type EntryPlace = { readonly seq: number; readonly index: number }

/** What an entry id says; without an index, the whole row lies behind. Undefined for any other text. */
export function readEntryId(entryId: string): EntryPlace | undefined {
  const match = /^(\d{1,15})(?:\.(\d{1,6}))?$/.exec(entryId)
  if (!match) return undefined
  return { seq: Number(match[1]), index: match[2] === undefined ? Number.MAX_SAFE_INTEGER : Number(match[2]) }
}

/** The index of an entry in its row. */
export const indexOf = ({ entryId }: AuditEntry): number => Number(entryId.slice(entryId.indexOf('.') + 1))
