import type { FieldsyncClient } from '@fieldsync/client'
import { Observation } from '@fieldsync/contracts'
import { observation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { offlineClient } from '../testing/offline-client.ts'
import { followWeather } from './follow-weather.ts'

const HERE = { lat: 38.5449, lon: -121.7405 }
const LAST = { lat: 36.7, lon: -119.8 }

function follow(client: FieldsyncClient, { isOffered = true, isNew = true } = {}) {
  const asked: unknown[] = []
  let newer = 0
  const end = followWeather({
    client,
    weather: {
      refresh: ({ lat, lon }) => {
        asked.push({ lat, lon })
        return Promise.resolve(isNew)
      },
    },
    isOffered: () => isOffered,
    lastPlace: () => LAST,
    onNewer: () => newer++,
  })
  return { asked, newer: () => newer, end }
}

const save = async (client: FieldsyncClient, hasPlace = true) => {
  const { deterministicChecksum: _made, ...note } = Observation.parse(
    observation({ deviceId: 'dev_scout_1', location: HERE }),
  )
  await client.saveObservation(hasPlace ? note : { ...note, notObserved: ['/location'] })
}

describe('[APP-102] the weather is asked for', () => {
  it('after a note is saved: at its place, or where the phone was last', async () => {
    const client = await offlineClient()
    const { asked, newer, end } = follow(client)
    await save(client)
    await expect.poll(() => asked).toEqual([HERE])
    await save(client, false)
    await expect.poll(() => asked).toEqual([HERE, LAST])
    await expect.poll(newer).toBe(2)
    end()
    await save(client)
    expect(asked).toHaveLength(2)
  })

  it('and says nothing of what is not new', async () => {
    const client = await offlineClient()
    const { asked, newer } = follow(client, { isNew: false })
    await save(client)
    await expect.poll(() => asked).toHaveLength(1)
    expect(newer()).toBe(0)
  })

  it.each([
    ['the server has none', false, true],
    ['there is no network', true, false],
  ])('never where %s', async (_why, isOffered, isOnline) => {
    const client = await offlineClient('dev_scout_1', isOnline)
    client.start()
    await client.load()
    if (!isOnline) await expect.poll(() => client.status().state).toBe('offline')
    const { asked } = follow(client, { isOffered })
    await save(client)
    await client.records('observation')
    await client.stop()
    expect(asked).toEqual([])
  })
})
