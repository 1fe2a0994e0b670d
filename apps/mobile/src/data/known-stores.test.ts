import { describe, expect, it } from 'vitest'

import { FIRST_SETTINGS, readSettings } from './app-settings.ts'
import {
  afterSync,
  forgottenStores,
  otherStores,
  serverAddress,
  storeInUse,
  storeName,
  typedConnection,
  withConnection,
  withNewStore,
  withoutStore,
  storeNames,
} from './known-stores.ts'

const addressOf = (server: string) => serverAddress(server, 'https://ours.example')
const ANNA = { server: '', deviceId: 'dev_anna', token: 'token of anna', key: null }
const BEN = { server: '', deviceId: 'dev_ben', token: 'token of ben', key: null }
const keyOf = (clientId: string, name: string) =>
  ({ clientId, name, fingerprint: `fingerprint of ${name}`, storage: 'platform' }) as const
const CARA = { server: '', deviceId: 'dev_cara', token: '', key: keyOf('ws_ridge/dev_cara', 'first') }
const THEIRS = { ...ANNA, server: 'https://Theirs.example:8443/sync/', token: 'token there' }
const setUp = withConnection({ ...FIRST_SETTINGS }, ANNA, addressOf)

describe('a store whose device was wiped', () => {
  const two = { ...setUp, ...withConnection(setUp, BEN, addressOf) }

  it('[APP-71] goes with its connection where it is in use; the others stay, and are known again', () => {
    const wiped = { ...FIRST_SETTINGS, ...two, ...withoutStore(two, storeName(two)) }
    expect(wiped).toMatchObject({ deviceId: '', token: '', key: null, store: '' })
    expect(JSON.stringify(wiped)).not.toContain('of ben')
    expect(storeNames(wiped)).toEqual(['fieldsync-dev_anna'])
    const again = withConnection(wiped, CARA, addressOf)
    expect(storeNames(again).toSorted()).toEqual(['fieldsync-dev_anna', 'fieldsync-dev_cara'])
  })

  it('[APP-71] goes alone where it is not in use', () => {
    const left = { ...two, ...withoutStore(two, 'fieldsync-dev_anna') }
    expect(left).toMatchObject({ deviceId: 'dev_ben', token: 'token of ben' })
    expect(storeNames(left)).toEqual(['fieldsync-dev_ben'])
  })
})

describe('the stores of a phone', () => {
  it('finds the store of an earlier version, which was named by the device alone', () => {
    const settings = readSettings(JSON.stringify({ server: '', deviceId: 'dev_anna', token: 'old' }))
    expect(storeName(settings)).toBe('fieldsync-dev_anna')
    const moved = withConnection(settings, BEN, addressOf)
    expect(otherStores(moved)).toMatchObject([{ name: 'fieldsync-dev_anna', token: 'old', drain: false }])
    expect(storeName(withConnection(moved, ANNA, addressOf))).toBe('fieldsync-dev_anna')
  })

  it('has one for each server and device, and forgets none', () => {
    const ben = withConnection(setUp, BEN, addressOf)
    const there = withConnection(ben, THEIRS, addressOf)
    expect(there.stores.map(({ name }) => name)).toEqual([
      'fieldsync-dev_ben',
      'fieldsync-dev_anna',
      'fieldsync-dev_anna-theirs-example-8443-sync',
    ])
    expect(storeInUse(there).token).toBe('token there')
    const back = withConnection(there, { ...ANNA, server: 'https://ours.example/' }, addressOf)
    expect(storeName(back)).toBe('fieldsync-dev_anna')
    expect(back.stores).toHaveLength(3)
  })

  it('keeps the credential that a store has synced with until another has', () => {
    const renewed = withConnection(setUp, { ...ANNA, token: 'of another company' }, addressOf)
    expect(renewed).toMatchObject({ store: 'fieldsync-dev_anna', token: 'of another company' })
    expect(storeInUse(renewed).token).toBe('token of anna')
    const workspace = { workspaceUid: 'wsu_1', workspaceName: 'Ours' }
    const proven = { ...renewed, ...afterSync(renewed, workspace) }
    expect(storeInUse(proven)).toMatchObject({ token: 'of another company', ...workspace })
  })

  it('keeps the key of each device with its store, and the one that has synced until another has', () => {
    const cara = withConnection(withConnection(setUp, BEN, addressOf), CARA, addressOf)
    expect(otherStores(cara)).toMatchObject([
      { token: 'token of ben', key: null },
      { token: 'token of anna', key: null },
    ])
    const again = withConnection(cara, { ...CARA, key: keyOf('ws_ridge/dev_cara', 'second') }, addressOf)
    expect(storeName(again)).toBe(storeName(cara))
    expect(storeInUse(again).key).toEqual(CARA.key)
    const workspace = { workspaceUid: 'wsu_1', workspaceName: 'Ours' }
    const proven = { ...again, ...afterSync(again, workspace) }
    expect(storeInUse(proven)).toMatchObject({ token: '', key: { name: 'second' } })
  })

  it('goes on with a key where a device is typed without a token, and without it where a token is', () => {
    const { key: _key, ...typed } = CARA
    const there = { ...typed, server: 'https://theirs.example' }
    const cara = withConnection(setUp, CARA, addressOf)
    const again = { ...cara, key: keyOf('ws_ridge/dev_cara', 'second') }
    expect(typedConnection(again, typed, addressOf)).toEqual({ ...typed, key: again.key })
    const anna = withConnection(cara, ANNA, addressOf)
    expect(typedConnection(anna, typed, addressOf)).toEqual(CARA)
    expect(typedConnection(anna, there, addressOf)).toEqual({ ...there, key: null })
    const withToken = { ...typed, token: 'token of cara' }
    expect(typedConnection(cara, withToken, addressOf)).toEqual({ ...withToken, key: null })
  })

  it('finds stores that an earlier version has forgotten', () => {
    const names = [
      'fieldsync-dev_anna',
      'fieldsync-app',
      'fieldsync-dev_ben',
      'fieldsync-dev_ben-lock',
      'other',
    ]
    expect(forgottenStores(setUp, names)).toMatchObject([
      { name: 'fieldsync-dev_ben', deviceId: 'dev_ben', token: '' },
    ])
  })

  it('begins another store beside a foreign one, again and again', () => {
    const first = withNewStore(setUp, addressOf)
    const second = withNewStore(first, addressOf)
    const names = second.stores.map(({ name }) => name)
    expect(new Set(names).size).toBe(3)
    expect(storeName(second)).toBe('fieldsync-dev_anna-ours-example-2')
    expect(otherStores(second)).toHaveLength(2)
    // The same connection again is the store that is in use.
    expect(storeName(withConnection(second, ANNA, addressOf))).toBe(storeName(second))
  })

  it('sends what an earlier store of the same workspace holds by the new address', () => {
    const workspace = { workspaceUid: 'wsu_1', workspaceName: 'Ours' }
    const synced = { ...setUp, ...afterSync(setUp, workspace) }
    const moved = withConnection(synced, { ...ANNA, server: 'https://moved.example' }, addressOf)
    expect(
      otherStores({ ...moved, ...afterSync(moved, { ...workspace, workspaceUid: 'wsu_2' }) }),
    ).toMatchObject([{ server: '', drain: false }])
    expect(otherStores({ ...moved, ...afterSync(moved, workspace) })).toMatchObject([
      { server: 'https://moved.example', drain: true },
    ])
  })
})
