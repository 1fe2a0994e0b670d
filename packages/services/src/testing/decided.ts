import { DeviceId, parseSyncBatch, WorkspaceId } from '@fieldsync/contracts'
import type { PlaybookGrant, Role } from '@fieldsync/domain'
import { syncBatch, type SyncBatchOverrides } from '@fieldsync/testkit'

import { canonicalUpserts } from '../sync/batch-fingerprint.ts'
import { decideUpserts } from '../sync/decide-upserts.ts'
import type { DecideContext } from '../sync/decision.ts'
import type { VersionsSince } from '../sync/rebase-information.ts'
import { askedFor, type CanonicalUpserts, NOTHING_STORED, type StoredRows } from '../sync/working-set.ts'

/** The server's time of every decision. */
export const DECIDED_AT = new Date('2026-02-12T08:00:00.000Z')
/** When what these tests meet was stored. */
export const STORED_AT = new Date('2026-02-12T07:00:00.000Z')

export const caller = (role: Role = 'agronomist', deviceId = 'dev_scout_1'): DecideContext => ({
  actor: {
    kind: 'device',
    workspaceId: WorkspaceId.parse('ws_one'),
    deviceId: DeviceId.parse(deviceId),
    role,
    epoch: 1,
  },
  requestedAt: '2026-02-12T07:59:00.000Z',
  now: DECIDED_AT,
})

const EVERYTHING: PlaybookGrant = {
  playbookId: null,
  path: '',
  actions: ['edit', 'create', 'delete'],
  notBefore: null,
  expiresAt: null,
}

/** A batch as the server reads it. */
export function upsertsOf(overrides: SyncBatchOverrides): {
  canonical: CanonicalUpserts
  asked: StoredRows['asked']
} {
  const parsed = parseSyncBatch(syncBatch(overrides))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed))
  const { upserts } = parsed.value
  return { canonical: canonicalUpserts(upserts), asked: askedFor(upserts) }
}

/**
 * Decides a batch of a caller that may edit every playbook.
 * @param stored what it meets
 * @param versionsSince the stored versions of a playbook; none by default
 */
export async function decided(
  context: DecideContext,
  overrides: SyncBatchOverrides,
  stored: Partial<StoredRows> = {},
  versionsSince: VersionsSince = () => Promise.resolve([]),
): ReturnType<typeof decideUpserts> {
  const { canonical, asked } = upsertsOf(overrides)
  return await decideUpserts(versionsSince, context, canonical, {
    ...NOTHING_STORED,
    asked,
    grants: [EVERYTHING],
    ...stored,
  })
}
