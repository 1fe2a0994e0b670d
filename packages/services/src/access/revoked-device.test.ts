import { describe, expect, it } from 'vitest'

import type { AdminContext } from '../core/context.ts'
import { revokedDevice, revokedService } from './revoked-device.ts'

// Of its context the refusal looks at the contract version that the client announces only.
const announcing = (contract?: string) => ({ request: { contract } }) as AdminContext

const WIPE = {
  code: 'AUTH_REQUIRED',
  message: 'This device is to be wiped: delete what it has stored, then acknowledge it.',
  details: { reason: 'wipe', action: 'wipe' },
}
const REVOKED = {
  code: 'AUTH_REQUIRED',
  message: 'This device was revoked; enroll it again.',
  details: { reason: 'revoked', action: 're_enrol' },
}

describe('a revoked device', () => {
  it.each(['1.7.0', '1.8.0', '2.0.0'])(
    '[WIP-1] that is to be wiped has to wipe, by contract %s',
    (contract) => {
      expect(revokedDevice(announcing(contract), true)).toMatchObject(WIPE)
    },
  )

  it.each([undefined, '1.6.9', '1.0.0'])(
    '[WIP-2] that is to be wiped and does not know how, by contract %s, is revoked and keeps its queue',
    (contract) => {
      expect(revokedDevice(announcing(contract), true)).toMatchObject(REVOKED)
    },
  )

  it.each([undefined, '1.6.9', '1.7.0'])(
    '[ACC-1] that is not to be wiped has to enroll again, by contract %s',
    (contract) => {
      expect(revokedDevice(announcing(contract), false)).toMatchObject(REVOKED)
    },
  )
})

it('[ACC-1] a revoked service enrolls nowhere by itself: it needs other credentials', () => {
  const details = { reason: 'revoked', action: 'authenticate' }
  expect(revokedService()).toMatchObject({
    code: 'AUTH_REQUIRED',
    message: 'This service was revoked.',
    details,
  })
  expect(revokedService('This secret has ended.')).toMatchObject({
    message: 'This secret has ended.',
    details,
  })
})
