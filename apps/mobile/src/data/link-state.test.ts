import { ENGINE_STATES } from '@fieldsync/sync-engine'
import { expect, it } from 'vitest'

import { status } from '../testing/engine-status.ts'
import { linkState } from './link-state.ts'

it('[APP-14] is up to date only when the server has everything and nothing waits for a person', () => {
  expect(linkState(status({})).state).toBe('idle')
  expect(linkState(status({ pending: 1 })).state).toBe('waiting')
  expect(linkState(status({ lastSyncAt: null })).state).toBe('waiting')
  expect(linkState(status({ conflicts: 1 })).state).toBe('attention')
  expect(linkState(status({ quarantined: 2 })).state).toBe('attention')
  expect(linkState(status({ quarantined: 2, pending: 1 })).state).toBe('waiting')
  expect(linkState(status({ localOnly: 3 })).state).toBe('localOnly')
  expect(linkState(status({ localOnly: 3, conflicts: 1 })).state).toBe('attention')
  expect(linkState(status({ localOnly: 3, pending: 1 })).state).toBe('waiting')
})

it.each(ENGINE_STATES.filter((state) => state !== 'idle'))('says %s whatever waits', (state) => {
  expect(linkState(status({ state, pending: 3 })).state).toBe(state)
})
