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
      problemDetail: { kind: 'refused', code: 'AUTH_REQUIRED', reason: 'revoked', action: 're_enrol' },
    })
    expect(anna.eventsOf('authRequired')).toMatchObject([{ action: 're_enrol' }])
    anna.engine.credentialsChanged()
    await anna.ended()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
  })

  it('[ENG-28] is renewed by each action once in a run, whatever the order in which the server asks for them', async () => {
    const asked: string[] = []
    const { server, anna } = await testWorld({
      credentials: { renew: async (action) => asked.push(action) > 0 },
    })
    const refused = (action: string) => server.refuse('AUTH_REQUIRED', { reason: 'expired', action })
    await anna.saved()
    anna.link.next(...['retry_with_nonce', 'new_token', 'sync_clock', 'new_proof'].map(refused))
    await anna.sync()
    expect(asked).toEqual(['retry_with_nonce', 'new_token', 'sync_clock', 'new_proof'])
    expect(new Set(anna.sent.slice(0, 5).map(({ syncId }) => syncId)).size).toBe(1)
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
    asked.length = 0
    await anna.saved()
    anna.link.next(...['new_proof', 'new_token', 'new_proof'].map(refused))
    await anna.sync()
    expect(asked).toEqual(['new_proof', 'new_token'])
    expect(anna.engine.status()).toMatchObject({ state: 'auth_required', pending: 1 })
    expect(anna.eventsOf('authRequired')).toMatchObject([{ action: 'new_proof' }])
  })

  it('[ENG-28, ENG-31] asks whose it is only after an action that may have changed that', async () => {
    const { server, anna } = await testWorld({ credentials: { renew: () => Promise.resolve(true) } })
    await anna.saved()
    await anna.sync()
    const sessions = () => anna.link.sessions
    for (const [action, more] of [
      ['retry_with_nonce', 0],
      ['new_proof', 0],
      ['sync_clock', 0],
      ['new_token', 1],
    ] as const) {
      const before = sessions()
      anna.link.next(server.refuse('AUTH_REQUIRED', { reason: 'expired', action }))
      await anna.sync()
      expect(sessions() - before, action).toBe(more)
    }
  })

  it('[ENG-28] a server that asks for ever new actions gets a bounded number of calls', async () => {
    const { server, anna } = await testWorld({ credentials: { renew: () => Promise.resolve(true) } })
    await anna.saved()
    let count = 0
    anna.link.instead = () =>
      server.refuse('AUTH_REQUIRED', { reason: 'expired', action: `action_${count++}` })
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'auth_required', pending: 1 })
    expect(count).toBe(7)
  })

  it('[ENG-28] a renewal that fails refuses nothing: the run is deferred, for as long as it asks', async () => {
    let failure = new Error('no network')
    const { server, anna, clock } = await testWorld({ credentials: { renew: () => Promise.reject(failure) } })
    anna.link.next(server.refuse('AUTH_REQUIRED'))
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'sync_deferred', problem: 'no network' })
    expect(anna.eventsOf('authRequired')).toEqual([])
    failure = Object.assign(new Error('not now'), { kind: 'busy', retryAfterMs: 600_000 })
    anna.link.next(server.refuse('AUTH_REQUIRED'))
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'sync_deferred', problem: 'not now' })
    expect(anna.engine.status().nextTryAt).toBeGreaterThanOrEqual(clock.now() + 600_000)
    failure = Object.assign(new Error('elsewhere'), { kind: 'redirected', address: 'https://other.example' })
    anna.link.next(server.refuse('AUTH_REQUIRED'))
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'error', problemDetail: { kind: 'redirected' } })
  })

  it('[ENG-28] a transport without a credential says which action that takes, as the server would', async () => {
    const asked: string[] = []
    const { anna } = await testWorld({ credentials: { renew: async (action) => asked.push(action) > 9 } })
    await anna.saved()
    const details = { reason: 'revoked', action: 're_enrol' }
    anna.link.instead = () => {
      throw Object.assign(new Error('The device was revoked.'), { code: 'AUTH_REQUIRED', details })
    }
    await anna.sync()
    expect(asked).toEqual(['re_enrol'])
    expect(anna.engine.status()).toMatchObject({
      state: 'auth_required',
      pending: 1,
      problem: 'The device was revoked.',
      problemDetail: { kind: 'refused', code: 'AUTH_REQUIRED', ...details },
    })
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
