import { ENGINE_STATES } from '@fieldsync/sync-engine'
import { expect, it } from 'vitest'

import { status } from '../testing/engine-status.ts'
import { linkState } from './link-state.ts'

const TOKEN = { key: null }
const KEY = {
  key: { clientId: 'ws_ridge/dev_anna', name: 'a', fingerprint: 'f', storage: 'platform' },
} as const

it('[APP-14] is up to date only when the server has everything and nothing waits for a person', () => {
  expect(linkState(status({}), TOKEN).state).toBe('idle')
  expect(linkState(status({ pending: 1 }), TOKEN).state).toBe('waiting')
  expect(linkState(status({ lastSyncAt: null }), TOKEN).state).toBe('waiting')
  expect(linkState(status({ conflicts: 1 }), TOKEN).state).toBe('attention')
  expect(linkState(status({ quarantined: 2 }), TOKEN).state).toBe('attention')
  expect(linkState(status({ quarantined: 2, pending: 1 }), TOKEN).state).toBe('waiting')
  expect(linkState(status({ localOnly: 3 }), TOKEN).state).toBe('localOnly')
  expect(linkState(status({ localOnly: 3, conflicts: 1 }), TOKEN).state).toBe('attention')
  expect(linkState(status({ localOnly: 3, pending: 1 }), TOKEN).state).toBe('waiting')
})

it.each(ENGINE_STATES.filter((state) => state !== 'idle'))('says %s whatever waits', (state) => {
  expect(linkState(status({ state, pending: 3 }), TOKEN).state).toBe(state)
})

it('says of a key that is refused what a person can do', () => {
  const refused = (action: string) =>
    status({
      state: 'auth_required',
      problemDetail: { kind: 'refused', code: 'AUTH_REQUIRED', reason: '', action },
    })
  expect(linkState(refused('wait'), KEY)).toMatchObject({ state: 'unconfirmed', tone: 'waiting' })
  expect(linkState(refused('re_enrol'), KEY).state).toBe('keyRejected')
  expect(linkState(refused('re_enrol'), TOKEN).state).toBe('auth_required')
  expect(linkState(status({ state: 'offline' }), KEY).state).toBe('offline')
})
