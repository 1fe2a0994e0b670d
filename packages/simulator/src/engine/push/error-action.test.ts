import { ERROR_CODES, type ErrorCode } from '@fieldsync/contracts'
import { type EngineState, ERROR_ACTIONS } from '@fieldsync/sync-engine'
import { describe, expect, it } from 'vitest'

import { testWorld } from '../testing/test-world.ts'

/** What becomes of a device with one draft when its first call is refused so, once; calls sent in that cycle. */
const AFTER: Readonly<Record<ErrorCode, { state: EngineState; calls: number; pending: number }>> = {
  VALIDATION_ERROR: { state: 'error', calls: 1, pending: 1 },
  PLAYBOOK_PATCH_PATH_NOT_ALLOWED: { state: 'error', calls: 1, pending: 1 },
  PLAYBOOK_PATCH_INVALID: { state: 'error', calls: 1, pending: 1 },
  AUTH_REQUIRED: { state: 'auth_required', calls: 1, pending: 1 },
  // Goes on to pull.
  FORBIDDEN: { state: 'error', calls: 2, pending: 1 },
  NOT_FOUND: { state: 'error', calls: 1, pending: 1 },
  METHOD_NOT_ALLOWED: { state: 'error', calls: 1, pending: 1 },
  CONFLICT: { state: 'error', calls: 1, pending: 1 },
  // Pulls, then builds a new batch.
  IDEMPOTENCY_CONFLICT: { state: 'idle', calls: 3, pending: 0 },
  PLAYBOOK_VERSION_MISMATCH: { state: 'error', calls: 1, pending: 1 },
  // Refused at the beginning already: nothing to reset.
  CURSOR_INVALID: { state: 'sync_deferred', calls: 1, pending: 1 },
  CONTRACT_UNSUPPORTED: { state: 'error', calls: 1, pending: 1 },
  ENROLLMENT_INVALID: { state: 'error', calls: 1, pending: 1 },
  // One record cannot be split: it is quarantined, and the device pulls.
  PAYLOAD_TOO_LARGE: { state: 'idle', calls: 2, pending: 0 },
  UNSUPPORTED_MEDIA_TYPE: { state: 'error', calls: 1, pending: 1 },
  RATE_LIMITED: { state: 'idle', calls: 2, pending: 0 },
  INTERNAL_ERROR: { state: 'idle', calls: 2, pending: 0 },
  UNAVAILABLE: { state: 'idle', calls: 2, pending: 0 },
}

describe('the table of actions', () => {
  it.each(ERROR_CODES)(
    '[ENG-13] %s does what it says, and the next sync drains what is left',
    async (code) => {
      const { server, anna } = await testWorld()
      await anna.saved()
      anna.link.next(server.refuse(code))
      await anna.sync()
      const { state, pending } = anna.engine.status()
      expect({ state, calls: anna.link.calls.length, pending }).toEqual(AFTER[code])
      expect(await anna.findings()).toEqual([])
      await anna.sync()
      expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
      expect(anna.position.stateHash).toBe(server.stateHash())
    },
  )

  it('[ENG-13] retries exactly what the contract calls retryable', () => {
    const retried = ERROR_CODES.filter((code) => ERROR_ACTIONS[code] === 'retry')
    expect(retried.toSorted()).toEqual(['INTERNAL_ERROR', 'RATE_LIMITED', 'UNAVAILABLE'])
  })

  it('[ENG-13] of a code that is not known here: what it says of itself', async () => {
    const { server, anna } = await testWorld()
    const unknown = (retryable: boolean) => {
      const { status, body } = server.refuse('INTERNAL_ERROR')
      const refusal = body
        .replace('INTERNAL_ERROR', 'TEAPOT')
        .replace('"retryable":true', `"retryable":${retryable}`)
      return { status, body: refusal }
    }
    anna.link.next(unknown(true))
    await anna.sync()
    expect(anna.engine.status().state).toBe('idle')
    anna.link.next(unknown(false))
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'error', problem: expect.stringContaining('TEAPOT') })
    expect(anna.eventsOf('failed')).toMatchObject([{ code: null }])
  })
})
