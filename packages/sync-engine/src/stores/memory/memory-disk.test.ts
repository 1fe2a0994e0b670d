import { describe, expect, it } from 'vitest'

import { contentOf, errorOf, gate, numberAt } from '../testing/store-values.ts'
import { type CommitPoint, MemoryDisk, type MemoryStore, openMemoryStore } from './memory-store.ts'

const put = (store: MemoryStore, key: string): Promise<void> =>
  store.write((transaction) => transaction.put('values', key, 1))

/** Lets everything go on that can. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** Whether a promise is still open once everything has gone on that can. */
async function neverAnswered(promise: Promise<unknown>): Promise<boolean> {
  let answered = false
  const note = (): void => {
    answered = true
  }
  promise.then(note, note)
  await settled()
  return !answered
}

/** Crashes the store at one commit of its disk. */
const crashAt =
  (commit: number, when: CommitPoint['when']) =>
  (point: CommitPoint): void => {
    if (point.commit === commit && point.when === when) point.store.crash()
  }

describe('a disk in memory', () => {
  it.each([
    { when: 'before', stored: 0 },
    { when: 'after', stored: 1 },
  ] as const)(
    '[STO-1, STO-2] a crash $when any commit leaves whole transactions',
    async ({ when, stored }) => {
      for (let crash = 1; crash <= 4; crash += 1) {
        const disk = new MemoryDisk()
        disk.atCommit = crashAt(crash, when)
        const store = await openMemoryStore(disk)
        let acknowledged = 0
        const work = async () => {
          for (let turn = 1; turn <= 4; turn += 1) {
            await store.write(async (transaction) => {
              await transaction.put('values', 'left', turn)
              await transaction.putMany('records', [])
              await transaction.put('values', 'right', turn)
            })
            acknowledged = turn
          }
        }
        expect(await neverAnswered(work())).toBe(true)
        expect(acknowledged).toBe(crash - 1)
        const after = await openMemoryStore(disk)
        const [left, right] = await after.read(async (transaction) => [
          await numberAt(transaction, 'left'),
          await numberAt(transaction, 'right'),
        ])
        expect([left, right]).toEqual([crash - 1 + stored, crash - 1 + stored])
      }
    },
  )

  it('[STO-1] a crash between any two calls leaves nothing, and the dead code goes no further', async () => {
    for (let calls = 0; calls <= 3; calls += 1) {
      const disk = new MemoryDisk()
      const [store, other] = [await openMemoryStore(disk), await openMemoryStore(disk)]
      const reached: number[] = []
      const writing = store.write(async (transaction) => {
        for (let call = 0; call <= 3; call += 1) {
          expect(disk.content('values')).toEqual([])
          if (call === calls) store.crash()
          await transaction.put('values', String(call), call)
          reached.push(call)
        }
      })
      const queued = store.write(async () => void reached.push(NaN))
      const survivor = put(other, 'by another')
      expect(await neverAnswered(writing)).toBe(true)
      expect(await neverAnswered(queued)).toBe(true)
      await survivor
      expect(reached).toHaveLength(calls)
      expect(disk.content('values')).toEqual([['by another', 1]])
      expect(await contentOf(other)).toEqual({ 'by another': 1 })
    }
  })

  it('[STO-9] a crash of the holder frees the lock, and its listeners hear nothing more', async () => {
    const disk = new MemoryDisk()
    const [holder, other] = [await openMemoryStore(disk), await openMemoryStore(disk)]
    let count = 0
    holder.onChange(() => (count += 1))
    const forever = gate()
    const holding = holder.exclusively(() => forever.opened)
    holder.crash()
    holder.crash()
    expect(await other.exclusively(() => Promise.resolve(1))).toEqual({ ran: true, value: 1 })
    await put(other, 'a')
    forever.open()
    expect(await neverAnswered(holding)).toBe(true)
    expect(await neverAnswered(put(holder, 'b'))).toBe(true)
    expect(await neverAnswered(holder.close())).toBe(true)
    expect(count).toBe(0)
  })

  it('[STO-9] tells a holder whose lock is taken away, and lets the next one in', async () => {
    const disk = new MemoryDisk()
    const [holder, other] = [await openMemoryStore(disk), await openMemoryStore(disk)]
    const done = gate()
    const holding = holder.exclusively(async (lost) => {
      await new Promise((resolve) => lost.addEventListener('abort', resolve))
      await done.opened
      return lost.aborted
    })
    disk.breakLock()
    const next = gate()
    const second = other.exclusively(() => next.opened)
    done.open()
    expect(await holding).toEqual({ ran: true, value: true })
    // The end of the one who lost it is not the end of the one who has it.
    expect(await holder.exclusively(() => Promise.resolve())).toEqual({ ran: false })
    next.open()
    expect(await second).toMatchObject({ ran: true })
  })

  it('counts only transactions that changed something', async () => {
    const disk = new MemoryDisk()
    const points: string[] = []
    disk.atCommit = ({ commit, when }) => void points.push(`${when} ${commit}`)
    const store = await openMemoryStore(disk)
    await contentOf(store)
    await store.write((transaction) => transaction.list('values'))
    await put(store, 'a')
    await errorOf(store.write(() => Promise.reject(new Error('no commit'))))
    await put(store, 'b')
    expect(points).toEqual(['before 1', 'after 1', 'before 2', 'after 2'])
  })

  it('[STO-12] a listener that throws neither fails the write nor silences the others', async () => {
    const store = await openMemoryStore(new MemoryDisk())
    const fault = new Error('the fault of a listener')
    const uncaught = new Promise((resolve) => void process.once('uncaughtException', resolve))
    const before = process.listeners('uncaughtException').slice(0, -1)
    for (const listener of before) process.off('uncaughtException', listener)
    let count = 0
    store.onChange(() => {
      throw fault
    })
    store.onChange(() => (count += 1))
    await put(store, 'a')
    expect(await uncaught).toBe(fault)
    for (const listener of before) process.on('uncaughtException', listener)
    expect(count).toBe(1)
  })
})
