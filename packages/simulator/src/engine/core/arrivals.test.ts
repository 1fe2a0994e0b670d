import type { WriteTransaction } from '@fieldsync/sync-engine'
import type { Position } from '@fieldsync/sync-engine/testing'
import { describe, expect, it } from 'vitest'

import type { TestDevice } from '../testing/test-device.ts'
import { testWorld } from '../testing/test-world.ts'

const YEAR = 365 * 86_400_000

const texts = async ({ engine }: TestDevice, limit = 100) =>
  (await engine.records('observation', { reverse: true, limit })).map(({ document }) => document.rawNoteText)

/** Makes the store one of an earlier version, which knows no order. */
const forgetOrder = (device: TestDevice, isListed = (_id: string) => true) =>
  device.tamper(async (transaction: WriteTransaction) => {
    for (const [key, { arrival: _none, ...record }] of await transaction.list('records')) {
      if (isListed(record.id)) await transaction.put('records', key, record)
    }
    const rows = await transaction.list('values', { prefix: 'arrival/' })
    const isMeant = ([, id]: (typeof rows)[number]) => typeof id === 'string' && isListed(id)
    await transaction.delete(
      'values',
      rows.filter(isMeant).map(([key]) => key),
    )
    const position = (await transaction.get('values', 'position')) as Position
    const { nextArrival: _next, ...old } = position
    if (rows.every(isMeant)) await transaction.put('values', 'position', old)
  })

describe('the order of a list', () => {
  it('[ENG-56] is that of arrival, whatever the clocks of the writers said', async () => {
    const { anna, ben, device, clock } = await testWorld()
    anna.skew = YEAR
    for (const rawNoteText of ['ahead 1', 'ahead 2', 'ahead 3']) await anna.saved({ rawNoteText })
    await anna.sync()
    await ben.sync()
    await ben.saved({ rawNoteText: 'today' })
    expect(await texts(ben, 1)).toEqual(['today'])
    await ben.sync()
    const cleo = await device('cleo')
    cleo.skew = -YEAR
    await cleo.sync()
    await cleo.saved({ rawNoteText: 'a year behind' })
    expect(await texts(cleo)).toEqual(['a year behind', 'today', 'ahead 3', 'ahead 2', 'ahead 1'])
    // The clock is set right: what is written from now on is the newest all the same.
    anna.skew = 0
    clock.advance(1)
    await anna.saved({ rawNoteText: 'clock set' })
    expect(await texts(anna, 2)).toEqual(['clock set', 'ahead 3'])
  })

  it('[ENG-56] stays as it is when a record is edited, sent, corrected or pulled again', async () => {
    const { anna, ben, server } = await testWorld()
    const first = await anna.saved({ rawNoteText: 'first' })
    await anna.saved({ rawNoteText: 'second' })
    await anna.engine.saveObservation({ ...first, rawNoteText: 'first, edited' })
    await anna.sync()
    await ben.sync()
    await ben.engine.saveObservation({ ...first, rawNoteText: 'first, by Ben', deviceId: ben.deviceId })
    await ben.sync()
    await anna.sync()
    server.refuseCursors()
    await anna.sync()
    expect(await texts(anna)).toEqual(['second', expect.stringContaining('first')])
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-56] is paged from one record to the next, in both directions', async () => {
    const { anna } = await testWorld()
    const ids: string[] = []
    for (let i = 0; i < 7; i++) ids.push((await anna.saved()).observationId)
    for (const reverse of [false, true]) {
      const seen: string[] = []
      for (let after: string | undefined; ; after = seen.at(-1)) {
        const page = await anna.engine.records('observation', {
          reverse,
          limit: 3,
          ...(after === undefined ? {} : { after }),
        })
        seen.push(...page.map(({ id }) => id))
        if (page.length < 3) break
      }
      expect(seen).toEqual(reverse ? ids.toReversed() : ids)
    }
    await expect(anna.engine.records('observation', { after: 'obs_gone' })).rejects.toThrow('no longer')
  })

  it('[ENG-56] of a store of an earlier version is by id, but for those of a clock that is ahead', async () => {
    const { anna, ben } = await testWorld()
    ben.skew = YEAR
    await ben.saved({ rawNoteText: 'ahead' })
    await ben.sync()
    await anna.saved({ rawNoteText: 'one' })
    await anna.sync()
    await forgetOrder(anna)
    // Readable at once, also by a program that does not load first.
    expect((await texts(anna)).toSorted()).toEqual(['ahead', 'one'])
    await anna.engine.load()
    expect(await texts(anna)).toEqual(['one', 'ahead'])
    await anna.saved({ rawNoteText: 'two' })
    expect(await texts(anna)).toEqual(['two', 'one', 'ahead'])
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-56] is made by the first write where nobody loaded before', async () => {
    const { anna } = await testWorld()
    await anna.saved({ rawNoteText: 'one' })
    await forgetOrder(anna)
    await anna.saved({ rawNoteText: 'two' })
    expect(await texts(anna)).toEqual(['two', 'one'])
  })

  it('[ENG-56] is made where the first thing that a new version does is to ask the server who it is', async () => {
    const { anna } = await testWorld()
    await anna.saved({ rawNoteText: 'one' })
    await anna.saved({ rawNoteText: 'two' })
    await anna.sync()
    await forgetOrder(anna)
    anna.engine.credentialsChanged()
    await anna.sync()
    expect(await texts(anna)).toEqual(['two', 'one'])
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-56] takes in what an earlier version wrote meanwhile in another tab', async () => {
    const { anna } = await testWorld()
    await anna.saved({ rawNoteText: 'one' })
    const { observationId } = await anna.saved({ rawNoteText: 'by an old tab' })
    await anna.saved({ rawNoteText: 'three' })
    await forgetOrder(anna, (id) => id === observationId)
    expect(await texts(anna)).toEqual(['three', 'one'])
    await anna.engine.load()
    expect(await texts(anna)).toEqual(['by an old tab', 'three', 'one'])
    // A record that such a tab removed leaves no gap that costs anything.
    await anna.tamper((transaction) => transaction.delete('records', [`observation/${observationId}`]))
    await anna.engine.load()
    expect(await texts(anna)).toEqual(['three', 'one'])
    expect([...anna.tables.values.keys()].filter((key) => key.startsWith('arrival/'))).toHaveLength(2)
  })
})
