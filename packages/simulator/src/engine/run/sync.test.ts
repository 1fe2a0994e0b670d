import { describe, expect, it } from 'vitest'

import { testWorld } from '../testing/test-world.ts'

describe('a sync', () => {
  it('[ENG-2, GUA-4] brings a draft to the server and to the other device', async () => {
    const { server, anna, ben } = await testWorld()
    const { observationId } = await anna.saved()
    expect(anna.engine.status()).toMatchObject({ pending: 1, state: 'idle' })
    expect(await anna.engine.recordStatus('observation', observationId)).toBe('pending')
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 0, state: 'idle', problem: null })
    expect(await anna.engine.recordStatus('observation', observationId)).toBe('synced')
    await ben.sync()
    const onServer = server.observation(observationId)
    expect((await ben.engine.record('observation', observationId))?.document).toEqual(onServer)
    for (const { stateHash } of [anna.position, ben.position]) expect(stateHash).toBe(server.stateHash())
  })

  it('[ENG-3, GUA-2] a batch whose answer is lost goes out again with the same bytes and key, once applied', async () => {
    const { server, anna } = await testWorld()
    const { observationId } = await anna.saved()
    anna.link.next('lost', 'lost')
    await anna.sync()
    expect(anna.link.calls).toHaveLength(3)
    expect(new Set(anna.link.calls.map(({ body }) => body)).size).toBe(1)
    expect(new Set(anna.link.calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
    expect(server.observation(observationId)).toBeDefined()
    expect(server.requests).toHaveLength(3)
    expect(anna.engine.status().pending).toBe(0)
  })

  it('[ENG-3, GUA-9] after a crash the stored batch goes out again as it was', async () => {
    const { anna } = await testWorld()
    const first = await anna.saved()
    anna.link.next('lost', 'lost', 'lost')
    await anna.sync()
    expect(anna.engine.status().state).toBe('sync_deferred')
    await anna.restart()
    const second = await anna.saved()
    await anna.sync()
    const bodies = anna.link.calls.map(({ body }) => body)
    expect(bodies[3]).toBe(bodies[0])
    expect(anna.sent[4]?.upserts.observations).toEqual([second])
    expect(anna.sent[0]?.upserts.observations).toEqual([first])
    expect(anna.engine.status().pending).toBe(0)
  })
})
