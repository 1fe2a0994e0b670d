import { expect, it } from 'vitest'

import { status } from '../testing/engine-status.ts'
import type { KnownStore } from './known-stores.ts'
import { isListed, readStore, unreadableStore } from './other-store.ts'

const STORE: KnownStore = {
  name: 'fieldsync-dev_anna',
  server: '',
  deviceId: 'dev_anna',
  token: 'token of anna',
  key: null,
  workspaceUid: 'wsu_1',
  workspaceName: 'Ours',
  drain: false,
}

it('[APP-60, ENG-41] lists a store not in use for what is unsent in it, or only on this device', () => {
  expect(isListed(readStore(STORE, status({})))).toBe(false)
  const unsent = readStore(STORE, status({ pending: 1, conflicts: 2, quarantined: 3 }))
  expect(unsent).toMatchObject({ unsent: 6, localOnly: 0 })
  expect(isListed(unsent)).toBe(true)
  const stored = readStore(STORE, status({ localOnly: 2 }))
  expect(stored).toMatchObject({ unsent: 0, localOnly: 2 })
  expect(isListed(stored)).toBe(true)
})

it('[APP-60] lists a store that cannot be read, and tells the problem of one that is to be sent', () => {
  expect(isListed(unreadableStore(STORE, 'the disk is broken'))).toBe(true)
  const failing = status({ problem: 'no network' })
  expect(readStore(STORE, failing).problem).toBeNull()
  expect(isListed(readStore({ ...STORE, drain: true }, failing))).toBe(true)
})
