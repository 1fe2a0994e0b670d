import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { observation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'

import { createFieldsyncClient } from './create-fieldsync-client.ts'
import { deviceToken } from './credentials/credential-provider.ts'
import { realServer } from './testing/real-server.ts'

// Two companies on one server, each with a phone of the same name.
const DEVICE = 'dev_scout_1'
const TOKENS = {
  ours: 'pre-shared-token-of-our-company',
  theirs: 'pre-shared-token-of-their-company',
} as const
const server = await realServer({
  DEVICE_TOKENS: `ws_ours/${DEVICE}#agronomist=${TOKENS.ours},ws_theirs/${DEVICE}#agronomist=${TOKENS.theirs}`,
})

const rng = seededRandom(31)

const notesAt = async (token: string): Promise<string[]> => {
  const { api } = createFieldsyncClient({ url: server.url, credentials: deviceToken(token) })
  const { items } = await api.observations.list.query({})
  return items.map(({ rawNoteText }) => rawNoteText)
}

describe('a store that reaches another company', () => {
  it('[ENG-22, ENG-35, GUA-7] sends it nothing; its owner’s credential sends it where it belongs', async () => {
    const disk = new MemoryDisk()
    const open = async (token: string) => {
      const store = await openMemoryStore(disk)
      const client = createFieldsyncClient({
        url: server.url,
        credentials: deviceToken(token),
        store,
        device: { deviceId: DEVICE, platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' },
      })
      onTestFinished(() => client.stop())
      return client
    }
    const ours = await open(TOKENS.ours)
    await ours.sync()
    await ours.saveObservation(observation({ deviceId: DEVICE, rawNoteText: 'sent' }, rng))
    await ours.sync()
    await ours.saveObservation(observation({ deviceId: DEVICE, rawNoteText: 'unsent' }, rng))
    await ours.stop()

    const theirs = await open(TOKENS.theirs)
    expect(await theirs.sync()).toMatchObject({
      state: 'error',
      pending: 1,
      foreign: { reason: 'other_workspace', owner: { deviceId: DEVICE } },
    })
    expect(await notesAt(TOKENS.theirs)).toEqual([])
    expect((await theirs.foreign.export()).entries).toHaveLength(1)

    const sent = await theirs.foreign.send({ credentials: deviceToken(TOKENS.ours) })
    expect(sent).toMatchObject({ state: 'idle', pending: 0, foreign: null })
    expect((await notesAt(TOKENS.ours)).toSorted()).toEqual(['sent', 'unsent'])
    expect(theirs.status()).toMatchObject({ pending: 0, foreign: { reason: 'other_workspace' } })
    expect(await notesAt(TOKENS.theirs)).toEqual([])
  })
})
