import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { roundSeeds, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { childStore } from '../testing/child-store.ts'
import { wholeTransactions } from '../testing/note-writes.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { openNodeSqliteStore } from './node-sqlite-store.ts'

/** Everything in the files of a store, byte by byte. */
const textIn = (file: string): string =>
  readdirSync(path.dirname(file))
    .map((name) => readFileSync(path.join(path.dirname(file), name), 'latin1'))
    .join('')

/** How many transactions the file holds, all of them whole. */
async function wholeIn(file: string): Promise<number> {
  const store = await openNodeSqliteStore({ file })
  try {
    return await wholeTransactions(store)
  } finally {
    await store.close()
  }
}

describe('a process killed with -9', () => {
  it('[STO-1, STO-2, STO-10] at any step leaves a prefix of whole transactions, with every acknowledged one', async () => {
    const found: number[] = []
    for (let step = 1, survived = false; !survived; step += 1) {
      using folder = temporaryFolder()
      const child = childStore(folder.file, 'die', String(step))
      const { signal } = await child.ended
      survived = child.lines.includes('survived')
      expect(signal).toBe(survived ? null : 'SIGKILL')
      const acknowledged = child.lines.filter((line) => line.startsWith('acknowledged')).length
      const whole = await wholeIn(folder.file)
      expect(whole, `killed before statement ${step}`).toBe(acknowledged)
      found.push(whole)
    }
    // Steps of opening and migrating, then of two transactions.
    expect(new Set(found)).toEqual(new Set([0, 1, 2]))
    expect(found.filter((whole) => whole === 1).length).toBeGreaterThan(5)
  }, 120_000)

  it('[STO-16] at any step of erasing leaves everything or nothing, and then no text of it on the disk', async () => {
    const secret = 'mildew at the north gate'
    const found = new Set<string>()
    for (let step = 1, survived = false; !survived; step += 1) {
      using folder = temporaryFolder()
      const store = await openNodeSqliteStore(folder)
      // Of the first one, only a page is left that was given back.
      await store.write((transaction) => transaction.put('values', 'old', `${secret} `.repeat(3_000)))
      await store.write((transaction) => transaction.delete('values', ['old']))
      await store.write((transaction) => transaction.put('values', 'a', `${secret} `.repeat(10)))
      await store.close()
      expect(textIn(folder.file)).toContain(secret)
      const child = childStore(folder.file, 'erase', String(step))
      await child.ended
      survived = child.lines.includes('survived')
      if (survived) expect(textIn(folder.file)).not.toContain(secret)
      const again = await openNodeSqliteStore(folder)
      const keys = await again.read(async (transaction) =>
        (await transaction.list('values')).map(([key]) => key),
      )
      found.add(keys.join())
      await again.erase([['kept', 1]])
      // Still open: nothing is left for the end of the program.
      expect(textIn(folder.file), `killed before statement ${step}`).not.toContain(secret)
      await again.close()
    }
    expect(found).toEqual(new Set(['a', 'kept']))
  }, 120_000)

  it.each(roundSeeds(4))(
    '[STO-1, STO-2] again and again on one store, wherever it stands, loses nothing that was acknowledged (seed %i)',
    async (seed) => {
      const random = seededRandom(seed)
      using folder = temporaryFolder()
      let whole = 0
      for (let visit = 0; visit < 3; visit += 1) {
        const child = childStore(folder.file, 'write', String(whole))
        await child.said(`acknowledged ${whole + random.int(1, 25)}`)
        await child.kill()
        const acknowledged = Number(child.lines.at(-1)?.split(' ')[1])
        const before = whole
        whole = await wholeIn(folder.file)
        expect(acknowledged).toBeGreaterThan(before)
        // The last one may have been committed without a confirmation.
        expect([acknowledged, acknowledged + 1]).toContain(whole)
      }
    },
    60_000,
  )
})
