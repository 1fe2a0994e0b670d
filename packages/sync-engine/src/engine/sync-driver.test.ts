import { describe, expect, it } from 'vitest'

import { MemoryDisk } from '../stores/memory/memory-store.ts'
import { accepted, engineOf } from './testing/test-engine.ts'

const MINUTE = 60_000
const fails = () => Promise.reject(new Error('no network'))

describe('a run that fails', () => {
  it('[ENG-6, ENG-27] for now is tried again by itself, behind a wait that is reported', async () => {
    const { engine, steps, pass, save, calls, events, clock } = await engineOf()
    await save()
    steps.push(fails, fails, fails)
    const syncing = engine.sync()
    await pass(3_000)
    await syncing
    const until = clock.now() + 16_000
    expect(engine.status()).toMatchObject({
      state: 'sync_deferred',
      problem: 'no network',
      nextTryAt: until,
      pending: 1,
    })
    expect(events).toContainEqual({ kind: 'deferred', reason: 'no network', nextTryAt: until })
    await pass(15_999)
    expect(calls).toHaveLength(3)
    await pass(1)
    expect(calls).toHaveLength(4)
    expect(engine.status()).toMatchObject({ state: 'idle', pending: 0, nextTryAt: null })
  })

  it.each([
    [15_000, 16_000],
    [500, 1_000],
  ])(
    '[ENG-27] waits at first for %i ms, and the second that any wait has at most, as %i',
    async (firstDeferral, wait) => {
      const { engine, steps, clock } = await engineOf({ settings: { firstDeferral, attempts: 1 } })
      steps.push(fails)
      await engine.sync()
      expect((engine.status().nextTryAt ?? 0) - clock.now()).toBe(wait)
    },
  )

  it('[ENG-20] by a mistake of an adapter is an error, handed over, and not the end of all syncing', async () => {
    const errors: unknown[] = []
    const next = () => {
      throw new Error('no randomness')
    }
    const { engine, steps, events } = await engineOf({
      onListenerError: (error) => errors.push(error),
      random: { next },
    })
    steps.push(fails)
    expect(await engine.sync()).toMatchObject({ state: 'error', problem: 'no randomness', progress: null })
    expect(errors).toMatchObject([{ message: 'no randomness' }])
    expect(events).toContainEqual({ kind: 'failed', code: null, message: 'no randomness' })
    expect(await engine.sync()).toMatchObject({ state: 'idle', problem: null })
  })

  it('[ENG-20] for good is an error with its code, until the next one', async () => {
    const { engine, steps, events } = await engineOf()
    const error = { code: 'NOT_FOUND', message: 'nothing here', retryable: false, traceId: '0' }
    const body = JSON.stringify({ requestId: 'r', timestamp: '2026-02-11T18:00:00Z', error })
    steps.push(() => ({ status: 404, body }))
    expect(await engine.sync()).toMatchObject({
      state: 'error',
      problem: 'nothing here',
      problemDetail: { code: 'NOT_FOUND' },
    })
    const detail = { kind: 'refused', code: 'NOT_FOUND', reason: null, action: null }
    expect(events).toContainEqual({ kind: 'failed', code: 'NOT_FOUND', message: 'nothing here', detail })
    expect(await engine.sync()).toMatchObject({ state: 'idle', problem: null, problemDetail: null })
  })
})

describe('an engine that is stopped', () => {
  it('[ENG-21] aborts its call, leaves nothing behind, and sends the same bytes when it is started again', async () => {
    const { engine, steps, save, calls, pass, timers } = await engineOf()
    await save()
    steps.push(() => new Promise(() => undefined))
    engine.start()
    await pass(0)
    expect(engine.status()).toMatchObject({ state: 'syncing', progress: { sent: 0, received: 0 } })
    await engine.stop()
    expect(calls[0]?.signal.aborted).toBe(true)
    expect(engine.status()).toMatchObject({ state: 'idle', progress: null, problem: null, pending: 1 })
    expect(timers.size).toBe(0)
    await engine.sync()
    expect(calls[1]?.body).toBe(calls[0]?.body)
    expect(engine.status()).toMatchObject({ pending: 0 })
  })

  it('[ENG-21] leaves no write to be sent later', async () => {
    const { engine, save, calls, pass, timers } = await engineOf()
    engine.start()
    await pass(0)
    await save()
    await engine.stop()
    expect(timers.size).toBe(0)
    await pass(60 * MINUTE)
    expect(calls).toHaveLength(1)
  })
})

describe('a second tab', () => {
  it('[ENG-18, ENG-20] sees what the other wrote, and tells its screens, while it is started', async () => {
    const disk = new MemoryDisk()
    const first = await engineOf({}, disk)
    const second = await engineOf({}, disk)
    second.engine.start()
    await second.pass(0)
    second.events.length = 0
    await first.save()
    await second.turns()
    expect(second.engine.status().pending).toBe(1)
    expect(second.events).toContainEqual({ kind: 'storeChanged' })
    await second.engine.stop()
    second.events.length = 0
    await first.save()
    await second.turns()
    expect(second.events).toEqual([])
    expect((await second.engine.load()).pending).toBe(2)
  })

  it('[ENG-18] waits while the other syncs, and has nothing to do where that came to the head', async () => {
    const disk = new MemoryDisk()
    const first = await engineOf({}, disk)
    const second = await engineOf({}, disk)
    await first.save()
    let answer: () => void = () => undefined
    first.steps.push((call) => new Promise((resolve) => (answer = () => resolve(accepted(call)))))
    const syncing = first.engine.sync()
    await first.turns()
    expect(await second.engine.sync()).toMatchObject({
      state: 'idle',
      pending: 1,
      nextTryAt: second.clock.now() + 5_000,
    })
    answer()
    await syncing
    await second.pass(5_000)
    expect([second.calls.length, second.engine.status().nextTryAt, second.engine.status().pending]).toEqual([
      0,
      null,
      0,
    ])
  })

  it('[ENG-18] syncs by itself where the other did not come to the head', async () => {
    const disk = new MemoryDisk()
    const first = await engineOf({ settings: { attempts: 1 } }, disk)
    const second = await engineOf({}, disk)
    await first.save()
    let answer: () => void = () => undefined
    first.steps.push(() => new Promise((_, reject) => (answer = () => reject(new Error('cut')))))
    const syncing = first.engine.sync()
    await first.turns()
    await second.engine.sync()
    answer()
    await syncing
    await first.engine.stop()
    await second.pass(5_000)
    expect([second.calls.length, second.engine.status().pending]).toEqual([1, 0])
  })

  it('[ENG-18] whose lock is taken away ends there, and tries again', async () => {
    const disk = new MemoryDisk()
    const { engine, steps, save, clock } = await engineOf({}, disk)
    await save()
    steps.push((call) => {
      disk.breakLock()
      return accepted(call)
    })
    expect(await engine.sync()).toMatchObject({ state: 'idle', pending: 1, nextTryAt: clock.now() + 5_000 })
  })
})

describe('a store that cannot be read', () => {
  it('[ENG-20] defers a sync, and does not end the engine', async () => {
    const { engine, store, events } = await engineOf()
    store.exclusively = () => Promise.reject(new Error('the disk is full'))
    expect(await engine.sync()).toMatchObject({ state: 'sync_deferred', problem: 'the disk is full' })
    expect(events.map(({ kind }) => kind)).toContain('deferred')
  })

  it('[ENG-20] is read again at its next change', async () => {
    const { engine, store, pass, save } = await engineOf()
    const read = store.read.bind(store)
    store.read = () => Promise.reject(new Error('busy'))
    engine.start()
    await pass(0)
    store.read = read
    await save()
    await pass(0)
    expect(engine.status().pending).toBe(1)
  })
})
