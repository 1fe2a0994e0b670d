import { ConflictId, Playbook, type SyncConflict } from '@fieldsync/contracts'
import { playbook } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { conflictRefusal } from './conflict-refusal.ts'

const conflict = (
  fields: Partial<SyncConflict> & Pick<SyncConflict, 'code' | 'resolution'>,
): SyncConflict => ({
  conflictId: ConflictId.parse(`cnf_${'0'.repeat(32)}`),
  entityType: 'playbookPatch',
  entityId: 'pch_1',
  message: `because of ${fields.code}`,
  ...fields,
})

const issues = [{ path: '/operations/0', message: 'no' }]
const active = { activeVersion: 7, document: Playbook.parse(playbook()), intervening: [], overlapping: true }

it.each([
  [
    'FORBIDDEN for a body of another device',
    conflict({ code: 'FORBIDDEN', resolution: 'fix', issues }),
    { code: 'FORBIDDEN', details: { reason: 'device_mismatch' } },
  ],
  [
    'FORBIDDEN for the caller itself',
    conflict({ code: 'FORBIDDEN', resolution: 'accept_server' }),
    { code: 'FORBIDDEN', details: { reason: 'role' } },
  ],
  [
    'an old base',
    conflict({ code: 'PLAYBOOK_VERSION_MISMATCH', resolution: 'rebase', playbook: active }),
    { code: 'PLAYBOOK_VERSION_MISMATCH', details: { activeVersion: 7 } },
  ],
  [
    'an old base of a playbook that is not at hand',
    conflict({ code: 'PLAYBOOK_VERSION_MISMATCH', resolution: 'rebase' }),
    { code: 'PLAYBOOK_VERSION_MISMATCH', details: {} },
  ],
  [
    'a path that is not editable',
    conflict({ code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED', resolution: 'fix', issues }),
    { code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED', details: { issues } },
  ],
  [
    'a place without a grant',
    conflict({ code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED', resolution: 'fix', reason: 'grant', issues }),
    { code: 'FORBIDDEN', details: { reason: 'grant', issues } },
  ],
  [
    'a missing grant of which no more is known',
    conflict({ code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED', resolution: 'fix', reason: 'grant' }),
    { code: 'FORBIDDEN', details: { reason: 'grant', issues: [] } },
  ],
  [
    'a change that takes a second person',
    conflict({ code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED', resolution: 'fix', reason: 'four_eyes', issues }),
    { code: 'FORBIDDEN', details: { reason: 'four_eyes' } },
  ],
  [
    'a patch that breaks the playbook',
    conflict({ code: 'PLAYBOOK_PATCH_INVALID', resolution: 'fix', issues }),
    { code: 'PLAYBOOK_PATCH_INVALID', details: { issues } },
  ],
  [
    'a patch of which no more is known',
    conflict({ code: 'PLAYBOOK_PATCH_INVALID', resolution: 'fix' }),
    { code: 'PLAYBOOK_PATCH_INVALID', details: { issues: [] } },
  ],
  [
    'any other conflict',
    conflict({ code: 'OBSERVATION_STALE_WRITE', resolution: 'accept_server' }),
    { code: 'CONFLICT', details: {} },
  ],
])('[OPS-18, CNF-8] %s is answered by its own code, with the whole conflict', (_, met, { code, details }) => {
  const refusal = conflictRefusal(met)
  expect(refusal).toMatchObject({ code, message: met.message })
  expect(refusal.details).toEqual({ ...details, conflict: met })
})

it('[OPS-18] a playbook that is not there is NOT_FOUND', () => {
  const refusal = conflictRefusal(conflict({ code: 'PLAYBOOK_UNKNOWN', resolution: 'fix', issues }))
  expect(refusal).toMatchObject({
    code: 'NOT_FOUND',
    message: 'because of PLAYBOOK_UNKNOWN',
    details: undefined,
  })
})
