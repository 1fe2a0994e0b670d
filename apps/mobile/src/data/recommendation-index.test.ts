import type { FieldsyncClient } from '@fieldsync/client'
import { Recommendation } from '@fieldsync/contracts'
import { recommendation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { offlineClient } from '../testing/offline-client.ts'
import { RecommendationIndex } from './recommendation-index.ts'

const MORE_THAN_A_CHUNK = 620

/** An index whose waits end when the test says so, on a client whose reads are counted and can be made to fail. */
function indexOf(client: FieldsyncClient) {
  const waits: { readonly ms: number; readonly work: () => void }[] = []
  const failures: unknown[] = []
  const state = { reads: 0, failure: undefined as Error | undefined, at: 0, readTakes: 0 }
  const counted = <T>(work: () => Promise<T>): Promise<T> => {
    state.reads++
    state.at += state.readTakes
    return state.failure === undefined ? work() : Promise.reject(state.failure)
  }
  const index = new RecommendationIndex({
    client: {
      ...client,
      record: (type, id) => counted(() => client.record(type, id)),
      records: (type, list) => counted(() => client.records(type, list)),
    },
    clock: () => state.at,
    after: (ms, work) => {
      const wait = { ms, work }
      waits.push(wait)
      return () => void waits.splice(waits.indexOf(wait), 1)
    },
    onFailure: (error) => failures.push(error),
  })
  return { index, waits, failures, state }
}

const save = async (client: FieldsyncClient, changes: Parameters<typeof recommendation>[0] = {}) => {
  const draft = Recommendation.parse(recommendation(changes))
  const outcome = await client.saveRecommendation(draft)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.issues))
  return draft
}

describe('the index of recommendations', () => {
  it('has all of them, page by page, and what changes after that', async () => {
    const client = await offlineClient()
    for (let at = 0; at < MORE_THAN_A_CHUNK; at++) await save(client)
    const { index, state } = indexOf(client)
    const close = index.open()
    expect((await index.ready()).byId.size).toBe(MORE_THAN_A_CHUNK)
    expect(state.reads).toBe(2)
    const one = await save(client)
    expect((await index.ready()).byId.get(one.recommendationId)).toMatchObject({
      observationId: one.observationId,
      startAt: Date.parse(one.timingWindow.startAt),
      recordStatus: 'pending',
    })
    // The one that was named, and not the others.
    expect(state.reads).toBe(3)
    close()
    await save(client)
    expect(index.snapshot()?.byId.size).toBe(MORE_THAN_A_CHUNK + 1)
  })

  it('[APP-6] says that it cannot be read, and tries again by itself', async () => {
    const { index, waits, failures, state } = indexOf(await offlineClient())
    state.failure = new Error('the disk is gone')
    const close = index.open()
    await expect.poll(() => waits.map(({ ms }) => ms)).toEqual([1000])
    expect(failures).toEqual([state.failure])
    expect(index.snapshot()).toBe(undefined)
    waits[0]?.work()
    await expect.poll(() => waits.map(({ ms }) => ms)).toEqual([2000])
    state.failure = undefined
    waits[0]?.work()
    expect((await index.ready()).byId.size).toBe(0)
    await expect.poll(() => failures.at(-1)).toBe(null)
    close()
  })

  it('rests after a reading of all, however often the store changes', async () => {
    const client = await offlineClient()
    await save(client)
    const { index, waits, state } = indexOf(client)
    state.readTakes = 100
    const close = index.open()
    await index.ready()
    client.start()
    for (let at = 0; at < 5; at++) await save(client)
    await expect.poll(() => waits.length).toBe(1)
    expect(waits[0]?.ms).toBeGreaterThan(0)
    expect(waits[0]?.ms).toBeLessThanOrEqual(400)
    expect((await index.ready()).byId.size).toBe(6)
    await client.stop()
    close()
    expect(waits).toEqual([])
  })
})
