import { Observation } from '@fieldsync/contracts'
import { observation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { corrected, minutes } from '../testing/documents.ts'
import { conflictWith, reconciling } from './testing/reconciling.ts'

const random = seededRandom(111)
const draft = Observation.parse(observation({ deviceId: 'dev_scout_1', createdAt: minutes(0) }, random))
const noteOf = (more: Partial<Observation>): Observation => ({ ...draft, ...more })
const confirmed = noteOf({ status: 'confirmed' })
const theirs = noteOf({
  rawNoteText: 'theirs',
  deterministicChecksum: 'sha256:aa',
  status: 'confirmed',
  updatedAt: minutes(9),
})
const edit = (text: string, time: number) => noteOf({ rawNoteText: text, updatedAt: minutes(time) })

describe('a correction that was accepted', () => {
  const one = corrected(confirmed, 'one')
  const two = corrected(one, 'two')

  it('[ENG-46] that follows from the server’s version is likely the new one, and the other is possible', async () => {
    const { record, otherwise, unclear } = await reconciling({ server: confirmed, writes: [one] })
    expect(record?.server).toEqual(one)
    expect(otherwise?.server).toEqual(confirmed)
    expect(unclear).toBe(false)
  })

  it('[ENG-46] with a second behind it leaves the server’s version possible', async () => {
    const { record, otherwise } = await reconciling({ server: confirmed, writes: [one, two] })
    expect(record?.server).toEqual(two)
    expect(otherwise?.server).toEqual(confirmed)
  })

  it('[ENG-46] keeps what was possible before it', async () => {
    const { otherwise } = await reconciling({ server: confirmed, writes: [one], otherwise: theirs })
    expect(otherwise?.server).toEqual(theirs)
  })

  it('[ENG-46] that does not follow is unlikely to have changed anything, and possible', async () => {
    const { record, otherwise } = await reconciling({ server: theirs, writes: [two] })
    expect(record?.server).toEqual(theirs)
    expect(otherwise?.server).toEqual(two)
  })

  it('[ENG-46] on a draft, or on nothing, is certain', async () => {
    for (const server of [null, draft]) {
      const { record, otherwise } = await reconciling({ server, writes: [one] })
      expect(record?.server).toEqual(one)
      expect(otherwise).toBeUndefined()
    }
  })

  it('[OBS-11] that the server is known to have had changes nothing', async () => {
    const { record, otherwise, unclear } = await reconciling({
      server: one,
      writes: [{ ...one, updatedAt: minutes(8) }],
    })
    expect(record?.server).toEqual(one)
    expect([otherwise, unclear]).toEqual([undefined, false])
  })

  it('[ENG-46] to the content that the server has is not clear: others may have corrected it to that', async () => {
    const same = corrected(confirmed, 'one', {
      correction: { ...one.correction, correctionId: 'cor_other' } as never,
    })
    const { record, unclear } = await reconciling({ server: one, writes: [same] })
    expect(record?.server).toEqual(one)
    expect(unclear).toBe(true)
  })

  it('[OBS-8, OBS-11] of the server’s history with its status further along moves the other version on', async () => {
    const logged: Observation = { ...one, status: 'logged' }
    const { record, otherwise } = await reconciling({
      server: confirmed,
      writes: [one, corrected(one, 'two'), logged],
      otherwise: one,
    })
    expect(record?.server).toEqual(two)
    expect(otherwise?.server).toEqual(logged)
  })

  it('[OBS-11] of the server’s history is recognized behind others, by its content too', async () => {
    const again = { ...one, updatedAt: minutes(8) }
    const known = await reconciling({ server: one, writes: [two, again] })
    expect(known.record?.server).toEqual(two)
    expect(known.otherwise?.server).toEqual(one)
    const other = { ...one, rawNoteText: 'other words' }
    expect((await reconciling({ server: one, writes: [two, other] })).otherwise?.server).toEqual(other)
  })

  it('[ENG-46] to the content that the server has was never in its history', async () => {
    const same = corrected(confirmed, 'one', {
      correction: { ...one.correction, correctionId: 'cor_other' } as never,
    })
    const again = { ...same, updatedAt: minutes(8) }
    const { otherwise } = await reconciling({ server: one, writes: [same, two, again] })
    expect(otherwise?.server).toEqual(again)
  })

  it('[OBS-11, OBS-8] that the server has further along changes nothing', async () => {
    const logged: Observation = { ...one, status: 'logged' }
    const { record, otherwise, unclear } = await reconciling({ server: logged, writes: [one] })
    expect(record?.server).toEqual(logged)
    expect([otherwise, unclear]).toEqual([undefined, false])
  })

  it('[OBS-11] of the server’s history behind what came since leaves what was possible', async () => {
    const { record, otherwise } = await reconciling({
      server: confirmed,
      writes: [one, corrected(one, 'two'), { ...one, updatedAt: minutes(8) }],
      otherwise: theirs,
    })
    expect(record?.server).toEqual(two)
    expect(otherwise?.server).toEqual(theirs)
  })
})

describe('a write of a correction that the server had', () => {
  const one = corrected(confirmed, 'one')
  const later = corrected(one, 'later')

  it('[ENG-30, OBS-11] is not the one that lost, be it known here or only possible', async () => {
    const next = corrected(one, 'next')
    const stale = conflictWith(later, 'OBSERVATION_CORRECTION_STALE')
    const known = await reconciling({
      server: one,
      writes: [{ ...one, status: 'logged' }, next],
      conflicts: [stale],
    })
    expect(known.parked.map(({ losing }) => losing)).toEqual([next])
    const possible = await reconciling({ server: later, writes: [next, one], conflicts: [stale] })
    expect(possible.parked.map(({ losing }) => losing)).toEqual([next])
    const draftFirst = await reconciling({
      server: later,
      writes: [one, edit('no correction', 99)],
      conflicts: [conflictWith(later, 'OBSERVATION_IMMUTABLE')],
    })
    expect(draftFirst.parked.map(({ losing }) => losing)).toEqual([edit('no correction', 99)])
  })
})
