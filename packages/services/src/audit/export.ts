import { type AuditEntry, type AuditInput, MAX_PAGE_SIZE } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import type { Page } from '../core/json-text.ts'
import { listAudit } from './list.ts'

/**
 * Entries oldest first, page by page, all or those that match (AUD-19). It ends where the audit ends now.
 * @param call.input.after the last entry of an export that is continued
 * @throws ServiceError as {@link listAudit}, at any page; what was read before stands
 */
export async function* exportAudit(call: {
  ctx: ServiceContext
  input: Omit<AuditInput, 'cursor' | 'limit'>
}): AsyncGenerator<AuditEntry[]> {
  const { ctx, input } = call
  for (let after: string | undefined = input.after ?? '0'; after !== undefined;) {
    const page: Page<AuditEntry> = await listAudit({ ctx, input: { ...input, after, limit: MAX_PAGE_SIZE } })
    const entries = page.items.toJSON()
    if (entries.length > 0) yield entries
    after = page.nextCursor === null ? undefined : entries.at(-1)?.entryId
  }
}
