import { Observation, type SyncId } from '@fieldsync/contracts'
import { observation, seededRandom } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { deviceStore } from '../testing/device-store.ts'
import { type Call, discardInFlightBatch, loadInFlightBatch, saveInFlightBatch } from './in-flight-batch.ts'
import { sequenceKey } from './local-store.ts'

const note = Observation.parse(observation({}, seededRandom(1)))
const own = { type: 'observation', id: note.observationId } as const

const callOf = (entries: Call['entries']): Call => ({
  syncId: 'syn_1' as SyncId,
  entries,
  cursor: '0.4',
  reported: { resolved: 0, drift: false },
  body: '{"exactly":"this"}',
})

/** A device with a queued write and its call. */
async function withWrite() {
  const device = await deviceStore()
  await device.change(async (changeset) => {
    await changeset.load([own])
    changeset.enqueue({ ...own, document: note, writtenAt: 1 })
  })
  const stored = () => device.store.read((transaction) => loadInFlightBatch(transaction))
  return { ...device, device, stored, call: callOf([{ ...own, key: sequenceKey(1) }]) }
}

it('[ENG-3] a call is stored with its exact text, and its records are on their way', async () => {
  const { device, stored, call } = await withWrite()
  expect(await stored()).toBeUndefined()
  await device.change(async (changeset, transaction) => {
    await changeset.load([own])
    await saveInFlightBatch(changeset, transaction, call)
  })
  expect(await stored()).toEqual(call)
  expect(device.tables().records.get(`observation/${own.id}`)).toMatchObject({
    inFlight: 1,
    status: 'in_flight',
  })
  expect(device.tables().values.get('snapshot')).not.toHaveProperty('body')
  expect(device.findings()).toEqual([])
})

it.each(['snapshot', 'snapshotBody'])('[ENG-3] a call of which %s is missing is none', async (name) => {
  const { device, store, stored, call } = await withWrite()
  await device.change(async (changeset, transaction) => {
    await changeset.load([own])
    await saveInFlightBatch(changeset, transaction, call)
  })
  await store.write((transaction) => transaction.delete('values', [name]))
  expect(await stored()).toBeUndefined()
})

it('[ENG-3] one that is given up leaves its writes pending, as ones that may have been decided on', async () => {
  const { device, stored, call } = await withWrite()
  await device.change(async (changeset, transaction) => {
    await changeset.load([own])
    await saveInFlightBatch(changeset, transaction, call)
  })
  await device.change((changeset, transaction) => discardInFlightBatch(changeset, transaction, call))
  expect(await stored()).toBeUndefined()
  expect([...device.tables().values.keys()].filter((name) => name.startsWith('snapshot'))).toEqual([])
  expect(device.tables().records.get(`observation/${own.id}`)).toMatchObject({
    inFlight: 0,
    status: 'pending',
  })
  expect(device.tables().values.get('queue')).toMatchObject({ nextSequence: 2, unsettledBefore: 2 })
  expect(device.findings()).toEqual([])
})

it('[ENG-3] a pull that is given up leaves nothing undecided', async () => {
  const { device, stored } = await withWrite()
  const pull = callOf([])
  await device.change((changeset, transaction) => saveInFlightBatch(changeset, transaction, pull))
  await device.change((changeset, transaction) => discardInFlightBatch(changeset, transaction, pull))
  expect(await stored()).toBeUndefined()
  expect(device.tables().values.get('queue')).toMatchObject({ unsettledBefore: 0 })
})
