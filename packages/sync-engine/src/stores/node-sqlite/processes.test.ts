import { describe, expect, it } from 'vitest'

import { childStore } from '../testing/child-store.ts'
import { contentOf } from '../testing/store-values.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { openNodeSqliteStore } from './node-sqlite-store.ts'

describe('several processes on one file', () => {
  it('[STO-7] that count at the same time lose no update', async () => {
    using folder = temporaryFolder()
    const children = [1, 2, 3].map(() => childStore(folder.file, 'count', '40'))
    for (const child of children) await child.said('ready')
    for (const child of children) child.send('go')
    for (const child of children) await child.said('done')
    await Promise.all(children.map((child) => child.ended))
    const store = await openNodeSqliteStore({ file: folder.file })
    expect(await contentOf(store)).toEqual({ counter: 120 })
    await store.close()
  })

  it("[STO-12] hear of each other's commits", async () => {
    using folder = temporaryFolder()
    const store = await openNodeSqliteStore({ file: folder.file })
    using child = childStore(folder.file, 'count', '1')
    await child.said('ready')
    // Also after the only one who listened has stopped.
    store.onChange(() => {})()
    const notified = new Promise<void>((resolve) => void store.onChange(resolve))
    child.send('go')
    await notified
    expect(await contentOf(store)).toEqual({ counter: 1 })
    await store.close()
  })

  it('[STO-9] have one lock, which is free the moment its holder is killed, and keeps no writer waiting', async () => {
    using folder = temporaryFolder()
    const store = await openNodeSqliteStore({ file: folder.file })
    const mine = () => store.exclusively(() => Promise.resolve('mine'))
    using child = childStore(folder.file, 'hold')
    await child.said('holding')
    expect(await mine()).toEqual({ ran: false })
    await store.write((transaction) => transaction.put('values', 'written', 'meanwhile'))
    await child.kill()
    expect(await mine()).toEqual({ ran: true, value: 'mine' })
    await store.exclusively(async () => {
      using other = childStore(folder.file, 'hold')
      await other.said('ran false')
      await other.ended
    })
    expect(await contentOf(store)).toEqual({ written: 'meanwhile' })
    await store.close()
  })

  it('[STO-7] wait for one that is in the middle of a transaction, without stopping meanwhile', async () => {
    using folder = temporaryFolder()
    const store = await openNodeSqliteStore({ file: folder.file })
    using child = childStore(folder.file, 'stall')
    await child.said('stalling')
    let written = false
    const writing = store
      .write((transaction) => transaction.put('values', 'a', 1))
      .finally(() => (written = true))
    // This process can still do other things, and others can read.
    const reader = await openNodeSqliteStore({ file: folder.file })
    expect(await contentOf(reader)).toEqual({})
    expect(written).toBe(false)
    await child.kill()
    await writing
    expect(await contentOf(reader)).toEqual({ a: 1 })
    await Promise.all([store.close(), reader.close()])
  })
})
