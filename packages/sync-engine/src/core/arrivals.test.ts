import { Observation, Playbook, Recommendation } from '@fieldsync/contracts'
import { observation, playbook, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { deviceStore, NOW } from '../testing/device-store.ts'
import { completeOrder, listArrivals, orderArrivals } from './arrivals.ts'
import { transact } from './engine-context.ts'
import { blankRecord, type LocalRecord, recordKey } from './local-record.ts'
import { type LocalStore, sequenceKey } from './local-store.ts'

const random = seededRandom(1)
const HOUR = 3_600_000

/** An observation by its number, as its table row. */
function row(
  number: number,
  { createdAt = NOW, ...more }: { createdAt?: number } & Partial<LocalRecord> = {},
): LocalRecord {
  const observationId = `obs_20260211_${String(number).padStart(4, '0')}`
  const time = new Date(createdAt).toISOString()
  const server = Observation.parse(observation({ observationId, createdAt: time }, random))
  return { ...blankRecord('observation', observationId), server, ...more }
}

/** A store with these rows, which has its order or none. */
async function storeOf(rows: readonly LocalRecord[], nextArrival?: number) {
  const device = await deviceStore()
  await device.store.write(async (transaction) => {
    await transaction.putMany(
      'records',
      rows.map((each) => [recordKey(each.type, each.id), each]),
    )
    const position = { cursor: '', generation: 0, lastSyncAt: null, owner: null }
    await transaction.put('values', 'position', { ...position, ...(nextArrival && { nextArrival }) })
  })
  const order = () =>
    [...device.tables().values].flatMap(([key, id]) =>
      key.startsWith('arrival/') ? [[Number(key.split('/').at(-1)), id]] : [],
    )
  return { store: device.store, device, order }
}

describe('a list', () => {
  it('[ENG-56] of a store that was never used is empty', async () => {
    const { store } = await deviceStore()
    expect(await store.read((transaction) => listArrivals(transaction, 'observation', {}))).toEqual([])
  })

  it('[ENG-56] of a store without an order is none', async () => {
    const { store } = await storeOf([row(1)])
    expect(await store.read((transaction) => listArrivals(transaction, 'observation', {}))).toBeNull()
  })

  it('[ENG-56] has the records of its type behind one, in either direction, as many as are asked for', async () => {
    const { store, device } = await storeOf(
      [3, 1, 2].map((number) => row(number)),
      1,
    )
    const advice = Recommendation.parse(recommendation({}, random))
    const of = { ...blankRecord('recommendation', advice.recommendationId), server: advice }
    await store.write((transaction) => transaction.put('records', recordKey(of.type, of.id), of))
    await completeOrder(store, NOW)
    const list = (options: Parameters<typeof listArrivals>[2]) =>
      store.read((transaction) => listArrivals(transaction, 'observation', options))
    const [one, two, three] = [1, 2, 3].map((number) => row(number).id) as [string, string, string]
    expect(await list({})).toEqual([one, two, three])
    expect(await list({ limit: 2 })).toEqual([one, two])
    expect(await list({ after: one })).toEqual([two, three])
    expect(await list({ after: three, reverse: true, limit: 1 })).toEqual([two])
    await expect(list({ after: 'obs_gone' })).rejects.toThrow(
      new RangeError('obs_gone is no longer on this device: the list has to be read from its beginning'),
    )
    expect(device.tables().values.get('position')).toMatchObject({ nextArrival: 5 })
  })
})

describe('the order of a store of an earlier version', () => {
  it('[ENG-56] is that of the ids, from the next number on, but first come those of a clock that is ahead', async () => {
    const rows = [
      row(1, { createdAt: NOW + HOUR + 1 }),
      row(2),
      row(3, { createdAt: NOW + HOUR }),
      row(4, { createdAt: NOW + 100 * HOUR }),
    ]
    const { store, order } = await storeOf(rows)
    const next = await store.write((transaction) => orderArrivals(transaction, 7, NOW))
    expect(next).toBe(11)
    expect(order()).toEqual([
      [7, rows[0]?.id],
      [8, rows[3]?.id],
      [9, rows[1]?.id],
      [10, rows[2]?.id],
    ])
  })

  it('[ENG-56] takes a record by the time of the version that is shown', async () => {
    const ahead = row(0, { createdAt: NOW + 2 * HOUR }).server
    const rows = [
      row(1),
      row(2, { local: ahead }),
      row(3, { localOnly: ahead as Observation }),
      row(4, { server: null, local: null, queued: [sequenceKey(1)] }),
    ]
    const rules = Playbook.parse(playbook())
    const ofRules = { ...blankRecord('playbook', rules.playbookId), server: rules }
    const { store, order } = await storeOf([...rows, ofRules])
    await completeOrder(store, NOW)
    expect(order().map(([, id]) => id)).toEqual([
      rows[1]?.id,
      rows[2]?.id,
      rows[0]?.id,
      rows[3]?.id,
      rules.playbookId,
    ])
  })

  it('[ENG-56] holds all records of more than a page', async () => {
    const one = row(0)
    const ids = Array.from({ length: 501 }, (_, number) => `obs_20260211_${String(number).padStart(4, '0')}`)
    const { store, order, device } = await storeOf(ids.map((id) => ({ ...one, id })))
    await completeOrder(store, NOW)
    expect(order()).toEqual(ids.map((id, at) => [at + 1, id]))
    const places = [...device.tables().records.values()].map(({ arrival }) => arrival)
    expect(places).toEqual(order().map(([at]) => at))
    expect(device.tables().values.get('position')).toMatchObject({ nextArrival: 502 })
  })

  it('[ENG-56] that has gaps is completed: what has a place keeps it, what is gone gives it up', async () => {
    const { store, order, device } = await storeOf(
      [row(1, { arrival: 2 }), row(2), row(3, { arrival: 9 })],
      5,
    )
    await store.write((transaction) =>
      transaction.putMany('values', [
        [`arrival/observation/${sequenceKey(1)}`, 'obs_gone'],
        [`arrival/observation/${sequenceKey(2)}`, row(1).id],
      ]),
    )
    await store.write((transaction) => transaction.put('values', 'queue', { pending: 3 }))
    await completeOrder(store, NOW)
    expect(order()).toEqual([
      [2, row(1).id],
      [5, row(2).id],
      [6, row(3).id],
    ])
    expect(device.tables().values.get('queue')).toEqual({ pending: 3 })
  })
})

it.each([
  [
    'is made before the first change where there is none',
    undefined,
    [
      [1, row(1).id],
      [2, row(2).id],
    ],
  ],
  ['stays as it is where there is one', 5, []],
])('[ENG-56] the order %s', async (_, nextArrival, rows) => {
  const { device, order } = await storeOf([row(1), row(2)], nextArrival)
  await transact(device.context, ({ position }) => {
    expect(position.nextArrival).toBe(nextArrival ?? 3)
    return Promise.resolve()
  })
  expect(order()).toEqual(rows)
})

it('[ENG-56] a store of an earlier version has no order before it is made', async () => {
  const { device } = await storeOf([row(1)])
  await device.change(({ position }) => expect(position).not.toHaveProperty('nextArrival'))
  expect(device.tables().values.get('position')).not.toHaveProperty('nextArrival')
})

it('[ENG-56] a store of an earlier version without a record has an order from now on', async () => {
  const { store, device } = await storeOf([])
  await completeOrder(store, NOW)
  expect(device.tables().values.get('position')).toMatchObject({ nextArrival: 1 })
})

it('[ENG-56] a store that another tab empties meanwhile stays empty', async () => {
  const { store, tables } = await deviceStore()
  const before = {
    write: store.write.bind(store),
    read: () => Promise.resolve(true),
  } as unknown as LocalStore
  await completeOrder(before, NOW)
  expect(tables().values.size).toBe(0)
})

describe('a store whose order is whole', () => {
  const readOnly = (store: LocalStore): LocalStore => ({
    ...store,
    read: (work) => store.read(work),
    write: () => Promise.reject(new Error('written')),
  })

  it('[ENG-56] is not written to, nor is one that was never used', async () => {
    const unused = await deviceStore()
    await completeOrder(readOnly(unused.store), NOW)
    const { store } = await storeOf([row(1)], 1)
    await expect(completeOrder(readOnly(store), NOW)).rejects.toThrow('written')
    await completeOrder(store, NOW)
    await completeOrder(readOnly(store), NOW)
  })
})
