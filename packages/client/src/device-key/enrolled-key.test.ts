import { expect, it } from 'vitest'

import type { KeyOwner } from '../credentials/device-signer.ts'
import { systemClock } from '../platform/system-clock.ts'
import { newSigner } from '../testing/key-device.ts'
import { CLIENT_ID, KeyServer } from '../testing/key-server.ts'
import { fingerprintOf } from './device-keys.ts'
import { EnrolledKey, enrollKey } from './enrolled-key.ts'

const DEVICE = { platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' } as const
const CODE = '7XWBV-XEM5A-DB0KH-0T0W0-315N3Y'

it('[ENG-75] each code has a key of its own, under the same name however the code is typed', async () => {
  const server = await KeyServer.start(() => ({ result: { data: 'done' } }))
  const typed = CODE.toLowerCase().replaceAll('-', ' ')
  const another = CODE.replace('7', '8')
  // This server takes a code as it is written.
  for (const code of [CODE, typed, another]) server.codes.set(code, undefined)
  const signer = await newSigner()
  const owners: KeyOwner[] = []
  const enroll = (code: string) =>
    enrollKey({
      url: server.url,
      code,
      device: DEVICE,
      clock: { ...systemClock, now: () => server.now },
      openSigner: (owner) => {
        owners.push(owner)
        return Promise.resolve(signer)
      },
    })
  const enrolled = await enroll(CODE)
  expect(enrolled).toMatchObject({
    clientId: CLIENT_ID,
    deviceId: 'dev_scout_1',
    role: 'scout',
    confirmed: true,
  })
  expect(enrolled.key).toEqual({
    clientId: CLIENT_ID,
    name: owners[0]?.name,
    fingerprint: await fingerprintOf(signer),
    storage: signer.storage,
  })
  expect(EnrolledKey.parse(JSON.parse(JSON.stringify(enrolled.key)))).toEqual(enrolled.key)
  await enroll(typed)
  await enroll(another)
  expect(owners.map(({ url }) => url)).toEqual([server.url, server.url, server.url])
  const [first, again, other] = owners.map(({ name }) => name)
  expect(first).toMatch(/^[0-9a-f]{64}$/)
  expect(again).toBe(first)
  expect(other).not.toBe(first)
})
