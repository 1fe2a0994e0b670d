import type { FieldsyncApi } from '@fieldsync/client'
import { type AuditEntry, ObservationId, PlaybookId } from '@fieldsync/contracts'
import { canonicalText } from '@fieldsync/domain'

import { type Change, changesBetween } from '../playbooks/leaves.ts'

/** The values behind an entry, as far as they are stored: `differ` where they are not those that it has the hashes of. */
export type StoredValues =
  | { readonly kind: 'gone' }
  | { readonly kind: 'verified' | 'differ'; readonly changes: readonly Change[] }

const GONE: StoredValues = { kind: 'gone' }

/** Members that every correction changes, and that say nothing of the field. */
const OWN = new Set(['correction', 'deterministicChecksum', 'updatedAt', 'version'])

/**
 * Finds what an entry has the hashes of: both versions of a playbook, or both contents of a correction. Only these are
 * stored as they were; of everything else the newest state alone (APP-92).
 */
export async function storedValues(
  api: FieldsyncApi,
  { change, target }: Pick<AuditEntry, 'change' | 'target'>,
  signal: AbortSignal,
): Promise<StoredValues> {
  if (!change || !target) return GONE
  const { edit } = change
  if (target.type === 'playbook' && edit?.newVersion != null) {
    const playbookId = PlaybookId.parse(target.id)
    const versionOf = async (version: number | null) =>
      version === null ? null : await api.playbooks.get.query({ playbookId, version }, { signal })
    const [before, after] = await Promise.all([versionOf(edit.oldVersion), versionOf(edit.newVersion)])
    return await compared(change, before, after)
  }
  if (target.type === 'observation' && change.kind === 'correct') {
    const observationId = ObservationId.parse(target.id)
    const { items } = await api.observations.corrections.query({ observationId, limit: 500 }, { signal })
    for (const { before, after } of items)
      if ((await sha256Of(after)) === change.afterSha256) return await compared(change, before, after)
  }
  return GONE
}

async function compared(
  { afterSha256, beforeSha256 }: NonNullable<AuditEntry['change']>,
  before: object | null,
  after: object | null,
): Promise<StoredValues> {
  const isSame =
    (before === null ? null : await sha256Of(before)) === beforeSha256 &&
    (after === null ? null : await sha256Of(after)) === afterSha256
  const changes = changesBetween(before ?? {}, after ?? {}).filter(
    ({ segments }) => !OWN.has(segments[0] ?? ''),
  )
  return { kind: isSame ? 'verified' : 'differ', changes }
}

async function sha256Of(document: object): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(canonicalText(document)))
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
