import { expect, it } from 'vitest'

import { ENGINE_STATES } from './engine-status.ts'
import { WRITE_REFUSALS } from './save-outcome.ts'

it('[ENG-24] the reasons of a refused write keep the names by which programs describe them', () => {
  expect(WRITE_REFUSALS).toEqual([
    'changed_meanwhile',
    'correction_required',
    'no_change',
    'no_server_version',
    'not_here',
    'not_local_only',
    'other_author',
    'other_base',
    'other_choice',
    'other_store',
    'playbook_version',
    'queued_already',
    'reason_required',
    'resolved_already',
    'wrong_id',
  ])
})

it('[ENG-1] the states of the engine keep the names by which programs describe them', () => {
  expect(ENGINE_STATES).toEqual(['idle', 'syncing', 'sync_deferred', 'offline', 'auth_required', 'error'])
})
