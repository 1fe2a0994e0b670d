import { expect, it } from 'vitest'

import { FIRST_SETTINGS, isDeviceId, isServerAddress, readSettings } from './app-settings.ts'

it('reads what it has written', () => {
  const settings = {
    ...FIRST_SETTINGS,
    deviceId: 'dev_scout_1',
    theme: 'dark',
    lastPlace: { lat: 1, lon: 2 },
  }
  expect(readSettings(JSON.stringify(settings))).toEqual(settings)
})

it('keeps every store of a version that knew no keys', () => {
  const store = { name: 'fieldsync-dev_anna', server: '', deviceId: 'dev_anna', token: 'of anna' }
  const known = { ...store, workspaceUid: '', workspaceName: '', drain: true }
  expect(readSettings(JSON.stringify({ deviceId: 'dev_ben', stores: [known] }))).toMatchObject({
    key: null,
    stores: [{ ...known, key: null }],
  })
})

it.each([null, '', 'no JSON', '[]', 'null', '7'])('starts from the defaults with %j', (text) => {
  expect(readSettings(text)).toEqual(FIRST_SETTINGS)
})

it('keeps what it knows of another version’s settings', () => {
  const text = JSON.stringify({ token: 'a token', theme: 'sepia', future: true })
  expect(readSettings(text)).toEqual({ ...FIRST_SETTINGS, token: 'a token' })
})

it.each([
  ['https://sync.example.com', true],
  ['http://127.0.0.1:8787', true],
  ['sync.example.com', false],
  ['ftp://sync.example.com', false],
  ['', false],
])('%j as an address: %s', (text, isOne) => {
  expect(isServerAddress(text)).toBe(isOne)
})

it('an address is judged the same in a browser without URL.parse', () => {
  const own = Object.getOwnPropertyDescriptor(URL, 'parse') ?? {}
  try {
    Reflect.deleteProperty(URL, 'parse')
    expect([isServerAddress('https://sync.example.com'), isServerAddress('nonsense')]).toEqual([true, false])
  } finally {
    Object.defineProperty(URL, 'parse', own)
  }
})

it.each([
  ['dev_scout_1', true],
  ['Scout 1', false],
])('%j as the name of a device: %s', (text, isOne) => {
  expect(isDeviceId(text)).toBe(isOne)
})
