import { describe, expect, it } from 'vitest'

import { testWorld } from '../testing/test-world.ts'

describe('a refused credential', () => {
  it('[ENG-28, ACC-1] is renewed once as the server says, and the same batch goes again', async () => {
    const asked: string[] = []
    const credentials = { renew: async (action: string) => asked.push(action) > 0 }
    const { server, anna } = await testWorld({ credentials })
    await anna.saved()
    anna.link.next(server.refuse('AUTH_REQUIRED', { reason: 'expired', action: 'new_token' }))
    await anna.sync()
    expect(asked).toEqual(['new_token'])
    expect(anna.sent[0]?.syncId).toBe(anna.sent[1]?.syncId)
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
  })

  it('[ENG-28, ENG-31] is renewed also where the first contact refuses it; another refusal there is final', async () => {
    const asked: string[] = []
    const credentials = { renew: async (action: string) => asked.push(action) > 0 }
    const { server, anna } = await testWorld({ credentials })
    await anna.saved()
    const refusals = [server.refuse('AUTH_REQUIRED', { reason: 'expired', action: 'new_token' })]
    anna.link.sessionInstead = () => refusals.pop() ?? null
    await anna.sync()
    expect(asked).toEqual(['new_token'])
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
    for (const [code, state] of [
      ['FORBIDDEN', 'auth_required'],
      ['METHOD_NOT_ALLOWED', 'error'],
    ] as const) {
      refusals.push(server.refuse(code))
      anna.engine.credentialsChanged()
      await anna.ended()
      expect(anna.engine.status().state, code).toBe(state)
      expect(asked).toHaveLength(1)
    }
  })

  it('[ENG-28] that stays refused waits in auth_required, with the queue, until it changes', async () => {
    const asked: string[] = []
    const { server, anna } = await testWorld({
      credentials: { renew: async (action) => asked.push(action) > 0 },
    })
    await anna.saved()
    const revoked = server.refuse('AUTH_REQUIRED', { reason: 'revoked', action: 're_enrol' })
    anna.link.next(revoked, revoked)
    await anna.sync()
    expect(asked).toEqual(['re_enrol'])
    expect(anna.engine.status()).toMatchObject({
      state: 'auth_required',
      pending: 1,
      problemDetail: { kind: 'refused', code: 'AUTH_REQUIRED', reason: 'revoked' },
    })
    expect(anna.eventsOf('authRequired')).toMatchObject([{ action: 're_enrol' }])
    anna.engine.credentialsChanged()
    await anna.ended()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
  })

  it('[ENG-28] a renewal that fails is a "not now", not a crash', async () => {
    const { server, anna } = await testWorld({
      credentials: { renew: () => Promise.reject(new Error('no network')) },
    })
    anna.link.next(server.refuse('AUTH_REQUIRED'))
    await anna.sync()
    expect(anna.engine.status().state).toBe('auth_required')
    expect(anna.eventsOf('authRequired')).toMatchObject([{ action: 'authenticate' }])
  })

  it('[ENG-28, ACC-7] a role that may not send goes on reading, and keeps its queue', async () => {
    const { anna, ben } = await testWorld()
    const seen = await ben.saved()
    await ben.sync()
    anna.become('viewer')
    await anna.saved()
    await anna.sync()
    expect(await anna.engine.record('observation', seen.observationId)).not.toBeNull()
    expect(anna.engine.status()).toMatchObject({ state: 'error', pending: 1 })
    anna.become('scout')
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
  })

  it('[ENG-28] a role that may not even read is an error, asked once', async () => {
    const { server, anna } = await testWorld()
    anna.link.next(server.refuse('FORBIDDEN'))
    await anna.sync()
    expect(anna.link.calls).toHaveLength(1)
    expect(anna.engine.status()).toMatchObject({ state: 'error', problemDetail: { code: 'FORBIDDEN' } })
  })

  it('[ENG-28, ACC-6] the credential of another device is not renewed', async () => {
    const asked: string[] = []
    const { anna, ben } = await testWorld({
      credentials: { renew: async (action) => asked.push(action) > 0 },
    })
    await anna.saved()
    anna.token = ben.token
    await anna.sync()
    expect(asked).toEqual([])
    expect(anna.engine.status()).toMatchObject({ state: 'auth_required', pending: 1 })
  })
})
