import { setImmediate as nextTurn } from 'node:timers/promises'

import { forceCloseDatabase } from 'fake-indexeddb'
import { openDB, unwrap } from 'idb'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { contentOf, errorOf, gate } from '../testing/store-values.ts'
import { openIndexedDbStore } from './indexeddb-store.ts'
import { useFakeIndexedDb } from './testing/fake-indexeddb.ts'

useFakeIndexedDb()
let names = 0
const freshName = (): string => `platform ${(names += 1)}`
const put = (store: Awaited<ReturnType<typeof openIndexedDbStore>>, key: string) =>
  store.write((transaction) => transaction.put('values', key, 1))

describe('what browsers do', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it('[STO-13] without IndexedDB the store is unavailable, with a word on why', async () => {
    vi.stubGlobal('indexedDB', undefined)
    const refused = await errorOf(openIndexedDbStore({ name: freshName() }))
    expect(refused).toMatchObject({ name: 'StoreError', code: 'unavailable' })
    expect(String(refused)).toContain('IndexedDB')
  })

  it('[STO-13] a browser that forbids IndexedDB makes the store unavailable', async () => {
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('The operation is insecure.', 'SecurityError')
    })
    expect(await errorOf(openIndexedDbStore({ name: freshName() }))).toMatchObject({ code: 'unavailable' })
  })

  it('[STO-2] writes are durable before they resolve, not just handed over', async () => {
    const asked = vi.spyOn(IDBDatabase.prototype, 'transaction')
    const store = await openIndexedDbStore({ name: freshName() })
    await put(store, 'a')
    expect(asked).toHaveBeenLastCalledWith(expect.anything(), 'readwrite', { durability: 'strict' })
    await store.close()
  })

  it('[STO-1, STO-2, STO-13] a write is reported once the browser has ended its transaction, whichever way', async () => {
    const ended: string[] = []
    const opened = vi.spyOn(IDBDatabase.prototype, 'transaction')
    const store = await openIndexedDbStore({ name: freshName() })
    const watch = (transaction: IDBTransaction) => {
      for (const end of ['complete', 'abort']) transaction.addEventListener(end, () => ended.push(end))
    }
    /** @param after done by the work once it has written */
    const endsAfter = async (key: string, after: () => void = () => undefined) => {
      ended.length = 0
      const write = store.write(async (transaction) => {
        const latest = opened.mock.results.at(-1)
        if (latest?.type === 'return') watch(latest.value)
        await transaction.put('values', key, 1)
        after()
      })
      const error = await write.then(
        () => undefined,
        (failure: unknown) => failure,
      )
      return { error, ends: [...ended] }
    }
    expect(await endsAfter('a')).toEqual({ error: undefined, ends: ['complete'] })
    const failure = new Error('the work failed')
    const fails = () => {
      throw failure
    }
    expect(await endsAfter('b', fails)).toEqual({ error: failure, ends: ['abort'] })
    // The browser itself ends it: there is no room for what was written, which it says at the end alone.
    vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementationOnce(function (this: IDBTransaction) {
      this.abort()
    })
    const { error, ends } = await endsAfter('c')
    expect({ error, ends }).toMatchObject({
      error: { name: 'StoreError', code: 'unavailable' },
      ends: ['abort'],
    })
    // It is not for want of room, which a person could make.
    expect(String(error)).not.toContain('room')
    expect(await contentOf(store)).toEqual({ a: 1 })
    await store.close()
  })

  it('goes on with a new connection when the browser has closed the old one', async () => {
    const name = freshName()
    const opened = vi.spyOn(indexedDB, 'open')
    const store = await openIndexedDbStore({ name })
    await put(store, 'a')
    const request: unknown = opened.mock.results[0]?.value
    if (!(request instanceof IDBOpenDBRequest)) throw new Error('the store has opened no database')
    forceCloseDatabase(request.result as never) // its declared type names the class, not an instance
    await put(store, 'b')
    expect(await contentOf(store)).toEqual({ a: 1, b: 1 })
    // And when it closed it without a word, as the one of an iPhone does.
    const again: unknown = opened.mock.results.at(-1)?.value
    if (again instanceof IDBOpenDBRequest) again.result.close()
    expect(await contentOf(store)).toEqual({ a: 1, b: 1 })
    expect(opened).toHaveBeenCalledTimes(3)
    await store.close()
  })

  it('[STO-13] an older tab that does not let go makes a newer version blocked, and later harms nobody', async () => {
    const name = freshName()
    const frozen = unwrap(await openDB(name, 1))
    frozen.onversionchange = null
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const opening = errorOf(
      openIndexedDbStore({ name }, [
        { creates: [] },
        { creates: ['values', 'records', 'outbox', 'conflicts'] },
      ]),
    )
    while (vi.getTimerCount() === 0) await nextTurn()
    vi.advanceTimersByTime(20_000)
    vi.useRealTimers()
    const refused = await opening
    expect(refused).toMatchObject({ name: 'StoreError', code: 'blocked' })
    expect(String(refused)).toContain('close the other tabs')
    frozen.close()
    // What was asked for in vain opens now after all; it must not stay open.
    const third = await openDB(name, 3)
    third.close()
  })

  it('[STO-14] holds no connection and no channel to other tabs once it is closed', async () => {
    const name = freshName()
    const opened = vi.spyOn(indexedDB, 'open')
    const closed = vi.spyOn(IDBDatabase.prototype, 'close')
    const silent = vi.spyOn(BroadcastChannel.prototype, 'close')
    const store = await openIndexedDbStore({ name })
    store.onChange(() => undefined)
    await put(store, 'a')
    expect([closed.mock.calls.length, silent.mock.calls.length]).toEqual([0, 0])
    await store.close()
    expect(closed).toHaveBeenCalledTimes(opened.mock.calls.length)
    expect(silent).toHaveBeenCalledTimes(1)
  })

  it('[STO-14] a store that was deleted says so', async () => {
    const name = freshName()
    const store = await openIndexedDbStore({ name })
    await put(store, 'a')
    const deleted = gate()
    indexedDB.deleteDatabase(name).addEventListener('success', deleted.open)
    await deleted.opened
    expect(await errorOf(put(store, 'b'))).toMatchObject({ code: 'closed', message: 'the store was deleted' })
    await store.close()
  })

  it('[STO-9] a lock that the browser gives to another aborts `lost`', async () => {
    const name = freshName()
    const store = await openIndexedDbStore({ name })
    const done = gate()
    const seen = gate()
    const holding = store.exclusively(async (lost) => {
      lost.addEventListener('abort', seen.open)
      await done.opened
      return lost.aborted
    })
    await navigator.locks.request(`fieldsync-store:${name}`, { steal: true }, () => seen.opened)
    done.open()
    expect(await holding).toEqual({ ran: true, value: true })
    await store.close()
  })

  it('[STO-12] does without notices from other tabs where there is no BroadcastChannel', async () => {
    vi.stubGlobal('BroadcastChannel', undefined)
    const store = await openIndexedDbStore({ name: freshName() })
    let count = 0
    store.onChange(() => (count += 1))
    await put(store, 'a')
    expect(count).toBe(1)
    await store.close()
  })
})
