import type { SyncId } from '@fieldsync/contracts'
import { openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import type { InFlightBatch, QueueNumbers } from '@fieldsync/sync-engine/testing'
import { describe, expect, it } from 'vitest'

import { testPlatform } from '../testing/test-platform.ts'
import { testWorld } from '../testing/test-world.ts'

it('[ENG-20] the numbers of a store of an earlier version are whole while another tab syncs', async () => {
  const { anna } = await testWorld()
  await anna.saved()
  await anna.tamper(async (transaction) => {
    const { localOnly: _later, ...earlier } = (await transaction.get('values', 'queue')) as QueueNumbers
    await transaction.put('values', 'queue', earlier)
  })
  const other = await openMemoryStore(anna.disk)
  await other.exclusively(async () => {
    await anna.sync()
  })
  expect(anna.engine.status()).toMatchObject({ pending: 1, localOnly: 0 })
})

describe('what starts a sync', () => {
  it('[ENG-19] start itself, then the timer every five minutes', async () => {
    const { clock, anna } = await testWorld()
    anna.engine.start()
    await anna.ended()
    expect(anna.link.calls).toHaveLength(1)
    clock.advance(5 * 60_000 - 1)
    await anna.ended()
    expect(anna.link.calls).toHaveLength(1)
    clock.advance(1)
    await anna.ended()
    expect(anna.link.calls).toHaveLength(2)
    await anna.engine.stop()
    expect(clock.nextDue).toBeUndefined()
  })

  it('[ENG-19] local writes, two seconds after the last of them', async () => {
    const { clock, server, anna } = await testWorld()
    anna.engine.start()
    await anna.ended()
    const drafts = [await anna.saved()]
    clock.advance(1_500)
    drafts.push(await anna.saved())
    clock.advance(1_999)
    await anna.ended()
    expect(anna.link.calls).toHaveLength(1)
    clock.advance(1)
    await anna.ended()
    expect(anna.link.calls).toHaveLength(2)
    expect(drafts.every(({ observationId }) => server.observation(observationId))).toBe(true)
  })

  it('[ENG-19] a resolution as well, and no write before start or after stop', async () => {
    const { clock, anna } = await testWorld()
    await anna.saved()
    clock.advance(60_000)
    await anna.ended()
    expect(anna.link.calls).toHaveLength(0)
    await anna.engine.saveRecommendation(anna.advice())
    await anna.sync()
    anna.engine.start()
    await anna.ended()
    const before = anna.link.calls.length
    const [conflict] = await anna.engine.conflicts()
    await anna.engine.resolve.discard(conflict?.id ?? '')
    clock.advance(2_000)
    await anna.ended()
    expect(anna.link.calls).toHaveLength(before + 1)
    await anna.saved()
    await anna.engine.stop()
    clock.advance(60_000)
    await anna.ended()
    expect(anna.link.calls).toHaveLength(before + 1)
  })

  it('[ENG-19] the network coming back, the app coming to the foreground, and the server’s poke', async () => {
    const { options, switchTo, pokeNow, listening } = testPlatform(false)
    const { anna } = await testWorld(options)
    anna.engine.start()
    await anna.ended()
    expect(anna.engine.status().state).toBe('offline')
    expect(anna.link.calls).toHaveLength(0)
    switchTo(true)
    await anna.ended()
    expect(anna.engine.status().state).toBe('idle')
    anna.engine.foreground()
    await anna.ended()
    pokeNow()
    await anna.ended()
    expect(anna.link.calls).toHaveLength(3)
    await anna.engine.stop()
    expect(listening()).toBe(0)
  })

  it('[ENG-19] one that is asked for while another runs follows it, once', async () => {
    const { pokeNow, options } = testPlatform()
    const { anna } = await testWorld(options)
    anna.link.next((answer) => {
      pokeNow()
      pokeNow()
      return answer
    })
    anna.engine.start()
    await anna.ended()
    expect(anna.link.calls).toHaveLength(2)
  })

  it('[ENG-19, GUA-10] the timer tries also while the platform says that there is no network: it may be wrong', async () => {
    const { options } = testPlatform(false)
    const { clock, server, anna } = await testWorld(options)
    const { observationId } = await anna.saved()
    anna.engine.start()
    await anna.ended()
    expect(server.observation(observationId)).toBeUndefined()
    clock.advance(5 * 60_000)
    await anna.ended()
    expect(server.observation(observationId)).toBeDefined()
    await anna.engine.stop()
  })

  it('[ENG-20] an adapter that fails ends a cycle, and not all syncing', async () => {
    const errors: unknown[] = []
    const random = { next: () => 0.5 }
    const { server, anna } = await testWorld({ random, onListenerError: (error) => errors.push(error) })
    const { observationId } = await anna.saved()
    anna.link.next('unsent', 'unsent', 'unsent')
    let calls = 0
    random.next = () => {
      if (calls++ < 2) return 0.5
      throw new Error('no randomness')
    }
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'error', problem: 'no randomness' })
    expect(errors).toHaveLength(1)
    await anna.sync()
    expect(server.observation(observationId)).toBeDefined()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
  })

  it('[ENG-27] without a network a failed sync ends offline, and goes on when the network is back', async () => {
    const { options, switchTo } = testPlatform()
    const { server, anna } = await testWorld(options)
    const { observationId } = await anna.saved()
    anna.engine.start()
    await anna.ended()
    switchTo(false)
    await anna.saved()
    anna.link.next('unsent', 'unsent', 'unsent')
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'offline', nextTryAt: null, pending: 1 })
    switchTo(true)
    await anna.ended()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
    expect(server.observation(observationId)).toBeDefined()
  })
})

describe('stopping', () => {
  it('[ENG-21, GUA-9] ends at once though the answer never comes, aborts the request, and sends the same later', async () => {
    const { server, anna } = await testWorld()
    await anna.saved()
    let aborted = false
    anna.link.next((_, call) => {
      call.signal.addEventListener('abort', () => (aborted = true))
      return new Promise(() => undefined)
    })
    anna.engine.start()
    await anna.ended()
    expect(anna.engine.status().state).toBe('syncing')
    await anna.engine.stop()
    expect(aborted).toBe(true)
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 1, progress: null })
    await anna.sync()
    expect(anna.sent[1]).toEqual(anna.sent[0])
    expect(anna.position.stateHash).toBe(server.stateHash())
  })

  it('[ENG-21] also while the engine waits between two attempts, and when it does nothing', async () => {
    const { clock, anna } = await testWorld({ random: { next: () => 1 } })
    anna.link.next('unsent')
    anna.engine.start()
    await anna.ended()
    await anna.engine.stop()
    await anna.engine.stop()
    expect(clock.nextDue).toBeUndefined()
    expect(anna.link.calls).toHaveLength(1)
    anna.engine.start()
    await anna.ended()
    expect(anna.link.calls).toHaveLength(2)
  })
})

describe('several tabs on one store', () => {
  it('[ENG-18] one syncs; the other goes on writing, and sees what came', async () => {
    const { server, anna } = await testWorld()
    const tab = await anna.anotherTab()
    tab.start()
    await anna.ended()
    await anna.saved()
    let followed: string | undefined
    anna.link.next(async (answer) => {
      const outcome = await tab.saveObservation(anna.note())
      followed = outcome.ok ? outcome.record.id : undefined
      expect(await tab.sync()).toMatchObject({ state: 'idle', pending: 2 })
      return answer
    })
    await anna.sync()
    expect(server.observation(followed ?? '')).toBeDefined()
    expect(tab.status()).toMatchObject({ pending: 0 })
    await tab.stop()
  })

  it('[ENG-18] one that found the other at it checks again, and leaves it where the other has come to the head', async () => {
    const { clock, anna } = await testWorld()
    const tab = await anna.anotherTab()
    await tab.saveObservation(anna.note())
    anna.link.next(async (answer) => {
      await tab.sync()
      expect(tab.status()).toMatchObject({ nextTryAt: clock.now() + 5_000, pending: 1 })
      return answer
    })
    await anna.engine.sync()
    clock.advance(5_000)
    await anna.ended()
    expect(anna.link.calls).toHaveLength(1)
    expect(tab.status()).toMatchObject({ state: 'idle', nextTryAt: null, pending: 0 })
    // A person who asks gets a sync.
    await tab.sync()
    expect(anna.link.calls).toHaveLength(2)
  })

  it('[ENG-18] a tab that finds the other at it, and it dies, takes over with the same batch', async () => {
    const { clock, server, anna } = await testWorld()
    const tab = await anna.anotherTab()
    tab.start()
    await anna.ended()
    await anna.saved()
    anna.link.next(async () => {
      await tab.sync()
      anna.die()
      throw new Error('gone')
    })
    await anna.sync()
    clock.advance(5_000)
    await anna.ended()
    expect(tab.status()).toMatchObject({ state: 'idle', pending: 0 })
    expect(anna.link.calls.at(-1)?.body).toBe(anna.link.calls.at(-2)?.body)
    expect(server.size).toBe(2)
    await tab.stop()
  })

  it('[ENG-18] a sync before the clock was set back is not taken for that of the other tab, which dies', async () => {
    const { clock, anna } = await testWorld()
    const tab = await anna.anotherTab()
    anna.skew = 24 * 60 * 60_000
    await anna.sync()
    anna.skew = 0
    anna.link.next(async () => {
      await tab.sync()
      anna.die()
      return new Promise(() => undefined)
    })
    await anna.sync()
    const calls = anna.link.calls.length
    clock.advance(5_000)
    await anna.ended()
    expect(anna.link.calls).toHaveLength(calls + 1)
    await tab.stop()
  })

  it('[ENG-7, ENG-18] one whose batches another tab replaces again and again, as if there were no lock, is deferred', async () => {
    const { anna } = await testWorld()
    await anna.saved()
    let replaced = 0
    anna.link.always = async (answer) => {
      const syncId = `syn_${String(++replaced).padStart(26, '0')}` as SyncId
      await anna.tamper(async (transaction) => {
        const batch = (await transaction.get('values', 'snapshot')) as InFlightBatch
        const body = (await transaction.get('values', 'snapshotBody')) as string
        await transaction.put('values', 'snapshot', { ...batch, syncId })
        await transaction.put('values', 'snapshotBody', body.replace(batch.syncId, syncId))
      })
      return answer
    }
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({
      state: 'sync_deferred',
      problem: 'Another tab syncs at the same time.',
      pending: 1,
    })
    expect(anna.link.calls).toHaveLength(6)
    anna.link.always = null
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
  })

  it('[ENG-18] a sync whose lock is taken away stops there', async () => {
    const { anna } = await testWorld()
    await anna.saved()
    const lost = new AbortController()
    anna.store.exclusively = async (work) => ({ ran: true, value: await work(lost.signal) })
    anna.link.next((answer) => {
      lost.abort()
      return answer
    })
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 1 })
    expect(await anna.findings()).toEqual([])
  })
})

describe('status and events', () => {
  it('[ENG-20] tell numbers, progress, last sync and every step, each after it is stored', async () => {
    const { clock, anna } = await testWorld({ settings: { batchRecords: 2 } })
    for (let i = 0; i < 3; i++) await anna.saved()
    const progress: unknown[] = []
    anna.engine.subscribe((event) => {
      if (event.kind === 'accepted') {
        const [first] = event.records
        const row = anna.tables.records.get(`observation/${first?.id}`)
        progress.push(anna.engine.status().progress, row?.status)
      }
    })
    await anna.sync()
    expect(progress).toEqual([{ sent: 2, received: 1 }, 'synced', { sent: 3, received: 1 }, 'synced'])
    expect(anna.engine.status()).toEqual({
      state: 'idle',
      pending: 0,
      localOnly: 0,
      clockOffset: 0,
      conflicts: 0,
      quarantined: 0,
      lastSyncAt: clock.now(),
      nextTryAt: null,
      problem: null,
      problemDetail: null,
      progress: null,
      foreign: null,
      wipe: null,
    })
    const steps = anna.events.filter(({ kind }) => kind !== 'statusChanged' && kind !== 'saved')
    expect(steps.map(({ kind }) => kind)).toEqual([
      'stateChanged',
      'sent',
      // The batch ahead (ENG-87).
      'sent',
      'accepted',
      'downstream',
      'accepted',
      'stateChanged',
    ])
  })

  it('[ENG-20] a listener that throws stops nothing, and its error is handed over', async () => {
    const errors: unknown[] = []
    const { anna } = await testWorld({ onListenerError: (error) => errors.push(error) })
    anna.engine.subscribe(({ kind }) => {
      if (kind === 'sent') throw new Error('the screen is gone')
    })
    const seen: string[] = []
    const end = anna.engine.subscribe(({ kind }) => seen.push(kind))
    await anna.saved()
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
    expect(errors).toHaveLength(1)
    expect(seen).toContain('sent')
    const { length } = seen
    end()
    await anna.sync()
    expect(seen).toHaveLength(length)
  })

  it('[ENG-20] a program that has just begun reads the numbers from the store', async () => {
    const { anna } = await testWorld()
    await anna.saved()
    await anna.restart()
    expect(anna.engine.status().pending).toBe(0)
    expect(await anna.engine.load()).toMatchObject({ pending: 1 })
    expect(await anna.engine.records('observation', { limit: 5, reverse: true })).toHaveLength(1)
    expect(await anna.engine.recordStatus('observation', 'obs_20260211_0001')).toBeNull()
  })
})
