import { DeviceId, Observation, Playbook, PlaybookPatch } from '@fieldsync/contracts'
import { observation, playbook, playbookPatch, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { type KnownRecord, testContext } from '../testing/test-context.ts'
import { listRecords, readRecord } from './record-view.ts'

const random = seededRandom(131)
const notes = Array.from({ length: 4 }, () => Observation.parse(observation({}, random)))
const [note] = notes as [Observation]
const edited: Observation = { ...note, rawNoteText: 'edited' }
const book = Playbook.parse(playbook())
const wind = '/rules/rule_pm_moderate/constraints/maxWindKph'
const patch = (baseVersion: number, value: number): PlaybookPatch =>
  PlaybookPatch.parse(
    playbookPatch({ baseVersion, operations: [{ op: 'replace', path: wind, value }] }, random),
  )
const limitOf = (shown: unknown) =>
  (shown as { rules: Record<string, { constraints: { maxWindKph: number } }> }).rules['rule_pm_moderate']
    ?.constraints.maxWindKph

async function device(known: KnownRecord[]) {
  const world = await testContext()
  await world.know(...known)
  return world
}
const NOTE = { type: 'observation', id: note.observationId } as const
const PLAYBOOK = { type: 'playbook', id: book.playbookId } as const
const all = notes.map((server) => ({ type: 'observation', id: server.observationId, server }) as const)

describe('a record', () => {
  it('[ENG-20, ENG-41] is shown with what the server has, and what that has lost', async () => {
    const { context } = await device([
      { ...NOTE, server: note, local: edited, localOnly: edited, lostCorrections: 2, queued: ['1'] },
    ])
    expect(await readRecord(context, 'observation', NOTE.id)).toEqual({
      id: NOTE.id,
      document: edited,
      server: note,
      status: 'pending',
      localOnly: edited,
      lostCorrections: 2,
    })
  })

  it('[ENG-20] without all that is shown without it', async () => {
    const { context } = await device([{ ...NOTE, server: note }])
    expect(await readRecord(context, 'observation', NOTE.id)).toEqual({
      id: NOTE.id,
      document: note,
      server: note,
      status: 'synced',
      localOnly: null,
      lostCorrections: 0,
    })
  })

  it('[ENG-20] that is not here is none', async () => {
    const { context } = await device([])
    expect(await readRecord(context, 'observation', NOTE.id)).toBeNull()
  })

  it('[ENG-22] of a store of another owner is none, nor is there a list', async () => {
    const { context } = await device(all)
    context.deviceId = DeviceId.parse('dev_ben')
    expect(await readRecord(context, 'observation', NOTE.id)).toBeNull()
    expect(await listRecords(context, 'observation')).toEqual([])
  })
})

describe('a playbook', () => {
  it('[ENG-16] is shown with the patches that wait on it, and without those that only ask', async () => {
    const { context, queue } = await device([{ ...PLAYBOOK, server: book }])
    await queue({ document: patch(3, 7) }, { document: patch(4, 8), asks: true }, { document: patch(4, 9) })
    const view = await readRecord(context, 'playbook', PLAYBOOK.id)
    expect(limitOf(view?.document)).toBe(9)
    expect(view).toMatchObject({
      id: PLAYBOOK.id,
      server: book,
      status: 'pending',
      localOnly: null,
      lostCorrections: 0,
    })
  })

  it('[ENG-16] without one is the server’s', async () => {
    const { context } = await device([{ ...PLAYBOOK, server: book }])
    expect((await readRecord(context, 'playbook', PLAYBOOK.id))?.document).toEqual(book)
  })

  it('[ENG-16] that is known by a patch alone is none, and in no list', async () => {
    const { context, queue } = await device([])
    await queue({ document: patch(3, 7) })
    expect(await readRecord(context, 'playbook', PLAYBOOK.id)).toBeNull()
    expect(await listRecords(context, 'playbook')).toEqual([])
  })

  it('[ENG-16] of which a patch waits is not what a note is shown as', async () => {
    const { context, queue } = await device([{ ...NOTE, server: note }])
    await queue({ document: edited })
    expect((await readRecord(context, 'observation', NOTE.id))?.document).toEqual(edited)
  })
})

describe('a list', () => {
  const ids = notes.map(({ observationId }) => observationId)
  it.each<[string, Parameters<typeof listRecords>[2], string[]]>([
    ['the order in which they came', {}, ids],
    ['the other order', { reverse: true }, ids.toReversed()],
    ['pages', { limit: 2 }, ids.slice(0, 2)],
    ['what is behind one', { after: ids[1] ?? '' }, ids.slice(2)],
    [
      'what is behind one, in the other order',
      { after: ids[2] ?? '', reverse: true, limit: 1 },
      ids.slice(1, 2),
    ],
  ])('[ENG-56] has %s', async (_, list, expected) => {
    const { context } = await device([...all, { ...PLAYBOOK, server: book }])
    expect((await listRecords(context, 'observation', list)).map(({ id }) => id)).toEqual(expected)
  })

  it('[ENG-56] has a hundred where a program names no limit', async () => {
    const many = Array.from(
      { length: 101 },
      (_, i) => ({ type: 'observation', id: `obs_${i}`, server: note }) as const,
    )
    const { context } = await device(many)
    expect(await listRecords(context, 'observation')).toHaveLength(100)
  })

  it('[ENG-56] of a store of an earlier version is in the order of its ids until that is written to', async () => {
    const { context, store, stored } = await device([...all, { ...PLAYBOOK, server: book }])
    const { nextArrival: _later, ...earlier } = stored('position') as { nextArrival: number }
    // The engine itself would order it with its next write.
    await context.store.write((transaction) => transaction.put('values', 'position', earlier as never))
    const byId = ids.toSorted()
    const idsOf = async (list: Parameters<typeof listRecords>[2]) =>
      (await listRecords(context, 'observation', list)).map(({ id }) => id)
    expect(await idsOf({})).toEqual(byId)
    expect(await idsOf({ reverse: true, limit: 2 })).toEqual(byId.toReversed().slice(0, 2))
    expect(await idsOf({ after: byId[0] ?? '' })).toEqual(byId.slice(1))
    expect(store).toBeDefined()
  })
})
