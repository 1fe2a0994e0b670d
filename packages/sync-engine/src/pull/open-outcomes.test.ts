import { type Downstream, Observation } from '@fieldsync/contracts'
import { combineDigests } from '@fieldsync/domain'
import { observation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { OpenOutcome } from '../core/engine-meta.ts'
import { recordKey } from '../core/local-record.ts'
import { testContext } from '../testing/test-context.ts'
import { decideOpenOutcomes } from './open-outcomes.ts'

const random = seededRandom(91)
const notes = Array.from({ length: 6 }, () => Observation.parse(observation({}, random)))
const other = (note: Observation): Observation => ({ ...note, rawNoteText: 'the other version' })

/** A device with some notes of which the server may have another version each. */
async function undecided() {
  const world = await testContext()
  const open = await world.change(async (changeset) => {
    await changeset.load(notes.map(({ observationId: id }) => ({ type: 'observation', id })))
    return notes.map((note): OpenOutcome => {
      const id = note.observationId
      changeset.putServer('observation', id, note)
      return {
        type: 'observation',
        id,
        otherwise: changeset.versionOf('observation', id, other(note), other(note)),
      }
    })
  })
  const { stateHash } = world.stored('position') as { stateHash: string }
  const digestOf = (i: number) =>
    world.tables().records.get(recordKey('observation', notes[i]?.observationId ?? ''))?.digest ?? ''
  /** The hash of a server that has the other version of these. */
  const hashWith = (...indexes: number[]) =>
    indexes.reduce((hash, i) => combineDigests(hash, digestOf(i), open[i]?.otherwise.digest ?? ''), stateHash)
  const decide = (page: Partial<Downstream>, outcomes = open) =>
    world.change((changeset, transaction) =>
      decideOpenOutcomes(
        changeset,
        transaction,
        new Map(outcomes.map((each) => [recordKey(each.type, each.id), each])),
        { observations: [], recommendations: [], hasMore: false, ...page } as unknown as Downstream,
      ),
    )
  const others = () =>
    notes.flatMap(({ observationId }, i) => {
      const record = world.tables().records.get(recordKey('observation', observationId))
      return JSON.stringify(record?.server) === JSON.stringify(other(notes[i] as Observation)) ? [i] : []
    })
  return { ...world, open, digestOf, hashWith, decide, others }
}

describe('of two versions that are possible', () => {
  it.each(Array.from({ length: 64 }, (_, set) => [notes.flatMap((_each, i) => ((set >> i) & 1 ? [i] : []))]))(
    '[ENG-46, HSH-2] the state hash at the head shows which the server has: the other one of %j',
    async (indexes) => {
      const { decide, hashWith, others, stored } = await undecided()
      const stateHash = hashWith(...indexes)
      await decide({ stateHash })
      expect(others()).toEqual(indexes)
      expect(stored('openOutcomes')).toBeUndefined()
      expect(stored('position')).toMatchObject({ stateHash })
    },
  )

  it('[ENG-46] none is taken where the hash differs for another reason', async () => {
    const { decide, others } = await undecided()
    await decide({ stateHash: 'e'.repeat(64) })
    expect(others()).toEqual([])
  })

  it('[ENG-46] none is taken where two sets explain the hash', async () => {
    const { decide, hashWith, digestOf, others, open } = await undecided()
    const [first, second] = open as [OpenOutcome, OpenOutcome]
    // Either one makes the same difference.
    const digest = combineDigests(digestOf(1), digestOf(0), first.otherwise.digest ?? '')
    const twin = { ...second, otherwise: { ...second.otherwise, digest } }
    await decide({ stateHash: hashWith(0) }, [first, twin])
    expect(others()).toEqual([])
  })

  it('[ENG-46] the one that came down with the answer is as it came', async () => {
    const { decide, hashWith, others } = await undecided()
    await decide({ stateHash: hashWith(0), observations: notes.slice(0, 1) })
    expect(others()).toEqual([])
  })

  it('[ENG-46] they stay open while pages follow, without the one that came down', async () => {
    const { decide, hashWith, others, open, stored } = await undecided()
    await decide({ hasMore: true, stateHash: hashWith(0), observations: notes.slice(0, 1) })
    expect(others()).toEqual([])
    expect(stored('openOutcomes')).toEqual(open.slice(1))
    await decide({ hasMore: true, observations: notes })
    expect(stored('openOutcomes')).toBeUndefined()
  })

  it('[ENG-46] the written version is shown at a server without state hashes', async () => {
    const { decide, others, store, stored, open } = await undecided()
    await store({ openOutcomes: open })
    await decide({})
    expect(others()).toEqual([])
    expect(stored('openOutcomes')).toBeUndefined()
  })
})
