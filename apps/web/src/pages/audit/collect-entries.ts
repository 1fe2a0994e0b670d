import type { AuditEntry } from '@fieldsync/contracts'
import { AUDIT_CSV_HEADER, auditCsvLine } from '@fieldsync/domain'

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** A page in a browser holds what it downloads; for more there is the command line. */
export const MOST_EXPORTED = 50_000

type EntryPage = { readonly items: readonly AuditEntry[]; readonly nextCursor?: string | null | undefined }

/**
 * Reads pages until there is no more, or enough, and gives them as the text of a file (APP-93).
 * @param next a page after this cursor, or the first
 * @param onProgress how many entries there are so far
 */
export async function collectEntries(
  next: (cursor: string | undefined) => Promise<EntryPage>,
  format: ExportFormat,
  onProgress: (count: number) => void,
  most = MOST_EXPORTED,
): Promise<{ parts: string[]; count: number; isWhole: boolean }> {
  const parts = format === 'csv' ? [`${AUDIT_CSV_HEADER}\r\n`] : []
  let count = 0
  for (let cursor: string | undefined; ;) {
    const { items, nextCursor } = await next(cursor)
    const taken = items.slice(0, most - count)
    const line = format === 'csv' ? auditCsvLine : (entry: AuditEntry) => JSON.stringify(entry)
    parts.push(taken.map((entry) => `${line(entry)}${format === 'csv' ? '\r\n' : '\n'}`).join(''))
    count += taken.length
    onProgress(count)
    if (typeof nextCursor !== 'string') return { parts, count, isWhole: taken.length === items.length }
    if (count >= most) return { parts, count, isWhole: false }
    cursor = nextCursor
  }
}
