import { DeviceId, Observation, Playbook, Recommendation } from '@fieldsync/contracts'
import { observation, playbook, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { START } from '../testing/documents.ts'
import { DEVICE, type KnownRecord, testContext } from '../testing/test-context.ts'
import { emptyExport, exportQueue } from './export-queue.ts'

const random = seededRandom(121)
const own = Observation.parse(observation({ deviceId: DEVICE }, random))
const ofBen: Observation = {
  ...Observation.parse(observation({}, random)),
  deviceId: DeviceId.parse('dev_ben'),
}
const advice = Recommendation.parse(recommendation({ observationId: own.observationId }, random))
const book = Playbook.parse(playbook())
const UID = `wsu_${'1'.repeat(32)}`

const NOTE = { type: 'observation', id: own.observationId } as const
const BENS = { type: 'observation', id: ofBen.observationId } as const
const ADVICE = { type: 'recommendation', id: advice.recommendationId } as const
const PLAYBOOK = { type: 'playbook', id: book.playbookId } as const

async function exporting(
  known: KnownRecord[],
  { owner = DEVICE, isForeign = false }: { owner?: string; isForeign?: boolean } = {},
) {
  const world = await testContext({ role: 'scout' })
  await world.know(...known)
  await world.queue({ document: own }, { document: advice })
  const { address } = world.context
  const contact = {
    address,
    contract: '1.6.0',
    workspaceUid: UID,
    workspaceName: 'Yolo',
    isForeign,
    home: address,
  }
  await world.store({ contact, position: { ...(world.stored('position') as object), owner } })
  return {
    ...world,
    exported: await world.context.store.read((transaction) => exportQueue(world.context, transaction)),
  }
}

describe('the export', () => {
  it('[ENG-45] has what waits, in its order, and what only this device has, with whose it is', async () => {
    const { exported } = await exporting([
      { ...NOTE, server: own },
      { ...BENS, localOnly: ofBen, server: { ...ofBen, rawNoteText: 'earlier' }, lostCorrections: 2 },
      { ...ADVICE, localOnly: advice, acknowledgedAt: 5 },
    ])
    expect(exported).toMatchObject({
      format: 'fieldsync.export',
      version: 1,
      exportedAt: new Date(START).toISOString(),
      deviceId: DEVICE,
      owner: DEVICE,
      conflicts: [],
    })
    expect(exported.entries.map(({ document }) => document)).toEqual([own, advice])
    expect(exported.localOnly).toEqual([
      {
        ...BENS,
        document: ofBen,
        server: { ...ofBen, rawNoteText: 'earlier' },
        own: false,
        lostCorrections: 2,
      },
      { ...ADVICE, document: advice, server: null, own: true, lostCorrections: 0 },
    ])
  })

  it('[ENG-45] has no record that the server has', async () => {
    const { exported } = await exporting([
      { ...NOTE, server: own },
      { ...PLAYBOOK, server: book },
    ])
    expect(exported.localOnly).toEqual([])
  })

  it('[ENG-45] has what waits for a person', async () => {
    const { change, context } = await exporting([])
    const parked = await change(async (changeset) => {
      await changeset.load([NOTE])
      return changeset.addConflict({
        kind: 'quarantine',
        type: 'observation',
        entityId: NOTE.id,
        losing: own,
        place: '1',
        foundAt: 5,
        issues: [],
      })
    })
    const { conflicts } = await context.store.read((transaction) => exportQueue(context, transaction))
    expect(conflicts).toEqual([parked])
  })

  it('[ENG-61] of a store that its own server does not recognize has every record as only here', async () => {
    const before = { ...ofBen, rawNoteText: 'kept before' }
    const { exported } = await exporting(
      [
        { ...NOTE, server: own },
        { ...BENS, server: ofBen, localOnly: before },
        { ...PLAYBOOK, server: book },
      ],
      { isForeign: true },
    )
    const found = new Map(exported.localOnly.map((each) => [each.id, each]))
    expect(found.size).toBe(3)
    expect(found.get(NOTE.id)).toMatchObject({ document: own, server: null, own: true })
    expect(found.get(BENS.id)).toMatchObject({ document: before, server: null, own: false })
    expect(found.get(PLAYBOOK.id)).toMatchObject({ document: book, server: null, own: false })
  })

  it('[ENG-61] of such a store leaves out what no server had', async () => {
    const { exported } = await exporting([{ ...BENS, local: ofBen, status: 'conflict' }], { isForeign: true })
    expect(exported.localOnly).toEqual([])
  })

  it.each([
    [`${UID}/dev_ben`, 'dev_ben'],
    ['dev_ben', 'dev_ben'],
    ['Ridge Farm/anna', DEVICE],
  ])('[ENG-35, ENG-45] names the owner %j, and its device where that is one: %s', async (owner, deviceId) => {
    const { exported } = await exporting([], { owner })
    expect(exported).toMatchObject({ owner, deviceId })
  })

  it('[ENG-45] before a first use is empty, and this device’s', async () => {
    const { context } = await testContext()
    const exported = await context.store.read((transaction) => exportQueue(context, transaction))
    expect(exported).toEqual(emptyExport(context))
    expect(exported).toEqual({
      format: 'fieldsync.export',
      version: 1,
      exportedAt: new Date(START).toISOString(),
      deviceId: DEVICE,
      owner: null,
      entries: [],
      conflicts: [],
      localOnly: [],
    })
  })
})
