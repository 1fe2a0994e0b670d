import { expect, it } from 'vitest'

import type { DeviceSigner } from '../credentials/device-signer.ts'
import { newSigner } from '../testing/key-device.ts'
import { DeviceKeys } from './device-keys.ts'

const unheard = () => undefined

it('[ENG-72] a key is opened once, and again after it could not be opened', async () => {
  const signer = await newSigner()
  let failures = 1
  let opened = 0
  const keys = new DeviceKeys(() => {
    opened++
    return failures-- > 0 ? Promise.reject(new Error('the device is locked')) : Promise.resolve(signer)
  }, unheard)
  await expect(keys.inUse()).rejects.toThrow('the device is locked')
  expect(await keys.inUse()).toBe(signer)
  expect(await keys.inUse()).toBe(signer)
  expect(opened).toBe(2)
})

it('[ENG-76] a key that could not be opened leaves the one that has taken its place meanwhile', async () => {
  let fail: (error: Error) => void = unheard
  let opened = 0
  const opening = (): Promise<DeviceSigner> => {
    opened++
    return new Promise((_, reject) => (fail = reject))
  }
  const keys = new DeviceKeys(opening, unheard)
  const first = keys.inUse()
  const successor = await newSigner()
  keys.use(successor)
  fail(new Error('too late'))
  await expect(first).rejects.toThrow('too late')
  expect(await keys.inUse()).toBe(successor)
  expect(opened).toBe(1)
})
