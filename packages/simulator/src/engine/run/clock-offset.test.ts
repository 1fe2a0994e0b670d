import { describe, expect, it } from 'vitest'

import { testWorld } from '../testing/test-world.ts'

const MINUTE = 60_000

describe('the clock of a device', () => {
  it('[ENG-57] that is wrong is in the status and in an event, in every tab, until it is right', async () => {
    const { anna } = await testWorld()
    anna.skew = 365 * 24 * 60 * MINUTE
    await anna.saved()
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', clockOffset: anna.skew })
    expect(anna.eventsOf('clockSkew')).toEqual([{ kind: 'clockSkew', offsetMs: anna.skew }])
    expect((await (await anna.anotherTab()).load()).clockOffset).toBe(anna.skew)
    // Nothing new: nothing is said again.
    await anna.sync()
    expect(anna.eventsOf('clockSkew')).toHaveLength(1)
    anna.skew = 0
    await anna.sync()
    expect(anna.engine.status().clockOffset).toBe(0)
    expect(anna.eventsOf('clockSkew')).toHaveLength(2)
  })

  it('[ENG-57] is not judged by an answer that the server gives once more', async () => {
    const { anna, clock } = await testWorld()
    await anna.saved()
    anna.link.next('lost', 'lost', 'lost')
    await anna.sync()
    clock.advance(3 * 60 * MINUTE)
    anna.link.clear()
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 0, clockOffset: 0 })
    expect(anna.eventsOf('clockSkew')).toEqual([])
  })
})

describe('what waits for a person', () => {
  it('[ENG-17] is found by its id and by its record, however much else waits', async () => {
    const { anna } = await testWorld()
    const saved = await anna.saved()
    await anna.tamper(async (transaction) => {
      for (let i = 100; i < 250; i++) {
        const entityId = `obs_20260211_0${i}`
        const id = `conflict/observation/${entityId}/0000000000000001`
        await transaction.put('conflicts', id, {
          id,
          kind: 'local',
          type: 'observation',
          entityId,
          losing: saved,
          place: '0000000000000001',
          foundAt: 0,
          server: null,
          code: null,
          resolution: 'accept_server',
          message: '',
        })
      }
    })
    const id = 'conflict/observation/obs_20260211_0249/0000000000000001'
    expect((await anna.engine.conflicts()).some((each) => each.id === id)).toBe(false)
    expect(await anna.engine.conflict(id)).toMatchObject({ id })
    expect(await anna.engine.conflictsOf('observation', 'obs_20260211_0249')).toMatchObject([{ id }])
    expect(await anna.engine.conflict('conflict/observation/none/0')).toBeNull()
  })
})
