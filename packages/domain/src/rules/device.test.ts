import { Device, instantMicros } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { MAX_CLOCK_LEAD_MICROS } from '../time.ts'
import { decideDevice } from './device.ts'

const AT = '2026-02-11T19:00:00Z'
const nowMicros = instantMicros(AT)

const device = (updatedAt: string): Device =>
  Device.parse({
    deviceId: 'dev_author',
    platform: 'web',
    appVersion: '2.0.0',
    modelPackageVersion: '1',
    offlineModeEnabled: true,
    updatedAt,
  })

it.each([
  ['the first', undefined, true],
  ['newer', nowMicros - 1, true],
  ['equal', nowMicros, false],
  ['older', nowMicros + 1, false],
])('[DEV-1] %s metadata', (_, currentTimeMicros, newer) => {
  expect(decideDevice({ currentTimeMicros, incoming: device(AT), nowMicros })).toEqual(
    newer ? { kind: 'accept', timeMicros: nowMicros } : { kind: 'ignore' },
  )
})

it('[DEV-1] a time far ahead cannot block metadata permanently', () => {
  const ahead = decideDevice({
    currentTimeMicros: undefined,
    incoming: device('2099-01-01T00:00:00Z'),
    nowMicros,
  })
  expect(ahead).toEqual({ kind: 'accept', timeMicros: nowMicros + MAX_CLOCK_LEAD_MICROS })
  const later = {
    currentTimeMicros: nowMicros + MAX_CLOCK_LEAD_MICROS,
    incoming: device('2026-02-11T19:06:00Z'),
    nowMicros: nowMicros + 360_000_000,
  }
  expect(decideDevice(later)).toMatchObject({ kind: 'accept' })
})
