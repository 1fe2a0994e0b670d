import { Observation } from '@fieldsync/contracts'
import { observation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { deviceStore } from '../testing/device-store.ts'
import { readOwn, readStore, transact, transactUnowned } from './engine-context.ts'
import { clearReport, readMeta, type QueueNumbers, type Position, writeMeta } from './engine-meta.ts'
import { ForeignStoreError } from './foreign-store.ts'
import type { WriteTransaction } from './local-store.ts'
import { recordServerContract } from './server-contract.ts'

const note = Observation.parse(observation({}, seededRandom(1)))
const own = { type: 'observation', id: note.observationId } as const
const entry = { ...own, document: note, writtenAt: 1 }

describe('a change to the store', () => {
  it('[ENG-22] claims it for the device, and publishes how things stand then', async () => {
    const stored: [QueueNumbers, Position][] = []
    const { context } = await deviceStore({
      stored: (queue, position) => stored.push([{ ...queue }, { ...position }]),
    })
    const value = await transact(context, async (changeset) => {
      await changeset.load([own])
      changeset.enqueue(entry)
      return 'done'
    })
    expect(value).toBe('done')
    expect(stored).toMatchObject([[{ pending: 1 }, { owner: 'dev_scout_1' }]])
  })

  it('[ENG-2] that fails is none, and is not published', async () => {
    const stored: unknown[] = []
    const device = await deviceStore({ stored: (queue) => stored.push(queue) })
    const failing = transact(device.context, async (changeset) => {
      await changeset.load([own])
      changeset.enqueue(entry)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(device.tables().outbox.size).toBe(0)
    expect(stored).toEqual([])
  })

  it('[ENG-22] leaves the owner that it has', async () => {
    const device = await deviceStore()
    await device.change((changeset) => {
      changeset.position.owner = 'wsu_0123456789abcdef0123456789abcdef/dev_scout_1'
    })
    await transact(device.context, () => Promise.resolve())
    expect(device.tables().values.get('position')).toMatchObject({
      owner: 'wsu_0123456789abcdef0123456789abcdef/dev_scout_1',
    })
  })
})

describe('a store of another device', () => {
  const foreign = {
    reason: 'other_device',
    hidden: true,
    owner: { deviceId: 'dev_other', workspaceUid: null },
    reached: null,
  }
  const ofOther = async () => {
    const device = await deviceStore()
    await device.change(async (changeset) => {
      changeset.position.owner = 'dev_other'
      await changeset.load([own])
      changeset.enqueue(entry)
    })
    return device
  }

  it('[ENG-22] is neither written nor shown, and says whose it is', async () => {
    const { context, found } = await ofOther()
    const worked: string[] = []
    const write = transact(context, async () => void worked.push('write'))
    await expect(write).rejects.toThrow(new ForeignStoreError(foreign as never).message)
    const read = readStore(context, async () => void worked.push('read'))
    await expect(read).rejects.toBeInstanceOf(ForeignStoreError)
    expect(await readOwn(context, 'nothing', () => Promise.resolve('something'))).toBe('nothing')
    expect(worked).toEqual([])
    expect(found).toEqual([foreign, foreign])
  })

  it('[ENG-22] is open to what decides about its owner', async () => {
    const { context } = await ofOther()
    const owner = await transactUnowned(context, ({ position }) => Promise.resolve(position.owner))
    expect(owner).toBe('dev_other')
  })
})

it('[ENG-22] a store is shown where it is the device’s own, and where its server has become another workspace', async () => {
  const { context, store, change } = await deviceStore()
  const shown = () => readOwn(context, 'nothing', () => Promise.resolve('something'))
  expect(await shown()).toBe('something')
  await change(({ position }) => {
    position.owner = 'dev_scout_1'
  })
  expect(await shown()).toBe('something')
  const contact = {
    address: context.address,
    contract: '1.6.0',
    workspaceUid: 'wsu_0123456789abcdef0123456789abcdef',
    workspaceName: null,
    isForeign: true,
    home: context.address,
  }
  await store.write((transaction) => writeMeta(transaction, 'contact', contact))
  expect(await shown()).toBe('something')
  await store.write((transaction) =>
    writeMeta(transaction, 'contact', { ...contact, home: 'https://else.example' }),
  )
  expect(await shown()).toBe('nothing')
})

it('a look that changes something drops it', async () => {
  const device = await deviceStore()
  const seen = await readStore(device.context, async (changeset) => {
    await changeset.load([own])
    changeset.enqueue(entry)
    return changeset.record('observation', note.observationId).queued.length
  })
  expect(seen).toBe(1)
  expect(device.tables().outbox.size).toBe(0)
})

it('a named value is stored, read together with others, and removed', async () => {
  const { store } = await deviceStore()
  const limits = { records: 5, bytes: 6 }
  await store.write((transaction) => writeMeta(transaction, 'limits', limits))
  expect(await store.read((transaction) => readMeta(transaction, ['trial', 'limits']))).toEqual([
    undefined,
    limits,
  ])
  await store.write((transaction) => writeMeta(transaction, 'limits', undefined))
  expect(await store.read((transaction) => transaction.count('values'))).toBe(0)
})

it('[CNF-10, CNF-12] what was to be reported is forgotten, and nothing else', async () => {
  const { store } = await deviceStore()
  const names = ['resolved', 'drift', 'limits'] as const
  const limits = { records: 5, bytes: 6 }
  await store.write(async (transaction) => {
    await writeMeta(transaction, 'resolved', [])
    await transaction.put('values', 'drift', {})
    await writeMeta(transaction, 'limits', limits)
    await clearReport(transaction)
  })
  expect(await store.read((transaction) => readMeta(transaction, names))).toEqual([
    undefined,
    undefined,
    limits,
  ])
})

describe('what a server announces that it speaks', () => {
  const contact = {
    address: 'https://here.example',
    contract: '1.4.0',
    workspaceUid: null,
    workspaceName: null,
    isForeign: false,
    home: null,
  }

  it.each([
    ['another version', '1.5.0', '1.5.0'],
    ['the same', '1.4.0', '1.4.0'],
    ['nothing', undefined, '1.4.0'],
  ])('[ENG-31] is stored with the device: %s', async (_, announced, known) => {
    const { change, store } = await deviceStore()
    await store.write((transaction) => writeMeta(transaction, 'contact', contact))
    await change(async (changeset, transaction) => {
      await recordServerContract(changeset, transaction, announced)
      expect(changeset.serverContract).toBe(known)
    })
    const [stored] = await store.read((transaction) => readMeta(transaction, ['contact']))
    expect(stored).toEqual({ ...contact, contract: known })
  })

  it('[ENG-31] is not written again where it is known', async () => {
    const { change, store } = await deviceStore()
    await store.write((transaction) => writeMeta(transaction, 'contact', contact))
    const readOnly = { put: () => Promise.reject(new Error('written')) } as unknown as WriteTransaction
    await change(async (changeset) => {
      for (const announced of ['1.4.0', undefined]) await recordServerContract(changeset, readOnly, announced)
      await expect(recordServerContract(changeset, readOnly, '1.5.0')).rejects.toThrow('written')
    })
  })

  it('[ENG-31] counts at once where no server was met yet', async () => {
    const { change, store } = await deviceStore()
    await change(async (changeset, transaction) => {
      await recordServerContract(changeset, transaction, '1.5.0')
      expect(changeset.serverContract).toBe('1.5.0')
    })
    expect(await store.read((transaction) => readMeta(transaction, ['contact']))).toEqual([undefined])
  })
})
