import type { Observation } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { canonicalRecord } from '../canonical.ts'
import { type ActorName, ACTORS } from '../testing/actors.ts'
import { checksum, correction, observation, storedObservation } from '../testing/observation-samples.ts'
import { sha256 } from '../testing/sha256.ts'
import { writeTimeMicros } from '../time.ts'
import { decideObservation, type StoredObservation } from './observation.ts'

const EARLY = '2026-02-11T19:00:00Z'
const LATE = '2026-02-11T20:00:00Z'
const OTHER = { rawNoteText: 'Other', deterministicChecksum: checksum('c') }

const decide = (
  incoming: Observation,
  current?: StoredObservation,
  by: ActorName = 'author',
  timeMicros = storedObservation(incoming).timeMicros,
) =>
  decideObservation({ actor: ACTORS[by], current, incoming: canonicalRecord(incoming), timeMicros, sha256 })

const hold = (changes: Record<string, unknown>, corrections?: Record<string, Record<string, unknown>>) =>
  storedObservation(
    observation({ updatedAt: EARLY, ...changes }),
    new Map(
      Object.entries(corrections ?? {}).map(([id, had]) => [
        id,
        sha256(canonicalRecord(observation(had)).contentText),
      ]),
    ),
  )

const accepted = (change: string, newCorrection = false) => ({ kind: 'accept', change, newCorrection })
const duplicate = (moveTime = false) => ({ kind: 'duplicate', moveTime })
const refused = (code: string, resolution: string, advice = /^[A-Z].+\.$/) =>
  expect.objectContaining({
    kind: 'conflict',
    code,
    resolution,
    message: expect.stringMatching(advice),
  })
/** Why it is refused, in the words of its message. */
const immutable = (advice: RegExp) => refused('OBSERVATION_IMMUTABLE', 'correct', advice)
const CONFIRMED = immutable(/is confirmed: send your change as a correction/)
const STATUS_BACK = immutable(/status only moves forward/)
const SAME_CHECKSUM = immutable(/needs a new deterministicChecksum/)
const STALE = refused('OBSERVATION_STALE_WRITE', 'accept_server')

describe('the rows of the conflict table', () => {
  it.each<[ActorName, unknown]>([
    ['author', accepted('create')],
    ['admin', accepted('create')],
    ['grantedService', accepted('create')],
    ['system', accepted('create')],
    ['otherScout', refused('FORBIDDEN', 'fix')],
    ['agronomist', refused('FORBIDDEN', 'fix')],
    ['otherService', refused('FORBIDDEN', 'fix')],
    ['authorNowViewer', refused('FORBIDDEN', 'fix')],
  ])('[OBS-1, OBS-2, ACC-10, ACC-11] a first copy sent by %s', (by, expected) => {
    expect(decide(observation(), undefined, by)).toEqual(expected)
  })

  it('[OBS-2, CNF-7] a refused author is named by its path', () => {
    expect(decide(observation(), undefined, 'otherScout')).toMatchObject({
      issues: [{ path: '/deviceId', message: expect.stringContaining('the device that sends') }],
    })
  })

  it.each(['draft', 'confirmed', 'logged'])(
    '[OBS-3] the same %s again is no change, from anyone',
    (status) => {
      for (const by of ['author', 'otherScout', 'agronomist', 'grantedService'] as const) {
        expect(decide(observation({ status, updatedAt: EARLY }), hold({ status }), by)).toEqual(duplicate())
      }
    },
  )

  it('[OBS-3] the same content and status stays a duplicate whatever correction it carries', () => {
    const echo = observation({ status: 'confirmed', correction: correction('cor_1', checksum('f')) })
    expect(decide(echo, hold({ status: 'confirmed' }))).toEqual(duplicate())
  })

  it.each(['draft', 'confirmed', 'logged'])('[OBS-4] the id of a %s of another author is taken', (status) => {
    const taken = refused('OBSERVATION_ID_TAKEN', 'rename')
    expect(
      decide(observation({ deviceId: 'dev_other', updatedAt: LATE }), hold({ status }), 'otherScout'),
    ).toEqual(taken)
    expect(
      decide(observation({ deviceId: 'dev_other', updatedAt: LATE }), hold({ status }), 'admin'),
    ).toEqual(taken)
  })

  it.each<[ActorName, unknown]>([
    ['author', accepted('update')],
    ['agronomist', accepted('update')],
    ['admin', accepted('update')],
    ['system', accepted('update')],
    ['otherScout', refused('FORBIDDEN', 'accept_server')],
    ['grantedService', refused('FORBIDDEN', 'accept_server')],
    ['authorNowViewer', refused('FORBIDDEN', 'accept_server')],
  ])("[OBS-5, ACC-8, ACC-10, ACC-11] a draft's edit by %s", (by, expected) => {
    expect(decide(observation({ ...OTHER, updatedAt: LATE }), hold({}), by)).toEqual(expected)
  })

  it.each<[ActorName, unknown]>([
    ['author', accepted('correct', true)],
    ['agronomist', accepted('correct', true)],
    ['admin', accepted('correct', true)],
    ['otherScout', refused('FORBIDDEN', 'accept_server')],
  ])('[OBS-5, OBS-10] a correction by %s', (by, expected) => {
    const corrected = observation({
      ...OTHER,
      status: 'confirmed',
      correction: correction('cor_1', checksum('b')),
    })
    expect(decide(corrected, hold({ status: 'confirmed' }), by)).toEqual(expected)
  })

  it('[OBS-6] a newer draft wins, also one microsecond newer', () => {
    const newer = observation({ ...OTHER, updatedAt: '2026-02-11T19:00:00.000001Z' })
    expect(decide(newer, hold({}))).toEqual(accepted('update'))
    expect(decide(observation({ status: 'logged', updatedAt: LATE }), hold({}))).toEqual(accepted('advance'))
  })

  it('[OBS-7] an older draft loses', () => {
    expect(decide(observation({ ...OTHER, updatedAt: EARLY }), hold({ updatedAt: LATE }))).toEqual(STALE)
    expect(decide(observation({ status: 'confirmed', updatedAt: EARLY }), hold({ updatedAt: LATE }))).toEqual(
      STALE,
    )
  })

  it('[OBS-8] a confirmed observation is logged, whatever the times', () => {
    expect(
      decide(
        observation({ status: 'logged', updatedAt: EARLY }),
        hold({ status: 'confirmed', updatedAt: LATE }),
      ),
    ).toEqual(accepted('advance'))
  })

  it('[OBS-9] without a correction neither content nor status go elsewhere', () => {
    expect(
      decide(observation({ ...OTHER, status: 'confirmed', updatedAt: LATE }), hold({ status: 'confirmed' })),
    ).toEqual(CONFIRMED)
    expect(decide(observation({ status: 'confirmed', updatedAt: LATE }), hold({ status: 'logged' }))).toEqual(
      STATUS_BACK,
    )
  })

  it('[OBS-10] a correction of the current version is accepted and may log it', () => {
    const corrected = observation({
      ...OTHER,
      status: 'logged',
      correction: correction('cor_1', checksum('b')),
    })
    expect(decide(corrected, hold({ status: 'confirmed' }))).toEqual(accepted('correct', true))
  })

  it('[OBS-11] a known correction with its content is no change', () => {
    const late = observation({
      ...OTHER,
      status: 'confirmed',
      correction: correction('cor_1', checksum('b')),
    })
    const twiceCorrected = hold({ status: 'logged', deterministicChecksum: checksum('d') }, { cor_1: OTHER })
    expect(decide(late, twiceCorrected)).toEqual(duplicate())
  })

  it('[OBS-12] a correction keeps neither the checksum nor takes the status back', () => {
    const by = correction('cor_1', checksum('b'))
    const sameSum = observation({ rawNoteText: 'Other', status: 'confirmed', correction: by })
    expect(decide(sameSum, hold({ status: 'confirmed' }))).toEqual(SAME_CHECKSUM)
    expect(
      decide(observation({ ...OTHER, status: 'draft', correction: by }), hold({ status: 'confirmed' })),
    ).toEqual(STATUS_BACK)
  })

  it('[OBS-13] a correction of another version than the current one is stale', () => {
    const onOld = observation({
      ...OTHER,
      status: 'confirmed',
      correction: correction('cor_1', checksum('a')),
    })
    expect(decide(onOld, hold({ status: 'confirmed' }))).toEqual(
      refused('OBSERVATION_CORRECTION_STALE', 'correct'),
    )
  })

  it('[OBS-12, OBS-13] a status that goes back is checked before an old base', () => {
    const both = observation({ ...OTHER, correction: correction('cor_1', checksum('a')) })
    expect(decide(both, hold({ status: 'confirmed' }))).toEqual(STATUS_BACK)
  })
})

describe('what completes the table', () => {
  it('[OBS-14] a known correction with other content is refused', () => {
    const reused = observation({
      ...OTHER,
      status: 'confirmed',
      correction: correction('cor_1', checksum('b')),
    })
    expect(decide(reused, hold({ status: 'confirmed' }, { cor_1: { rawNoteText: 'Earlier' } }))).toEqual(
      immutable(/with a new correctionId/),
    )
  })

  it('[OBS-15] a late duplicate does not apply again when checksums recur', () => {
    // b → c by cor_1, c → b by cor_2; cor_1 comes again and supersedes what is current now.
    const history = { cor_1: OTHER, cor_2: {} }
    const late = observation({
      ...OTHER,
      status: 'confirmed',
      correction: correction('cor_1', checksum('b')),
    })
    expect(decide(late, hold({ status: 'confirmed' }, history))).toEqual(duplicate())
  })

  it('[OBS-16] every accepted change with a new correction joins the history', () => {
    const carried = { correction: correction('cor_1', checksum('a')), updatedAt: LATE }
    expect(decide(observation(carried))).toEqual(accepted('create', true))
    expect(decide(observation({ ...OTHER, ...carried }), hold({}))).toEqual(accepted('update', true))
    expect(decide(observation({ ...carried, status: 'logged' }), hold({ status: 'confirmed' }))).toEqual(
      accepted('advance', true),
    )
    expect(
      decide(observation({ ...carried, status: 'logged' }), hold({ status: 'confirmed' }, { cor_1: {} })),
    ).toEqual(accepted('advance', false))
  })

  it('[OBS-17] checksums are compared without regard to letter case', () => {
    const upper = `sha256:${'B'.repeat(64)}`
    const corrected = { ...OTHER, status: 'confirmed', correction: correction('cor_1', upper) }
    expect(decide(observation(corrected), hold({ status: 'confirmed' }))).toEqual(accepted('correct', true))
    const same = { rawNoteText: 'Other', deterministicChecksum: upper, status: 'confirmed' }
    const keeping = observation({ ...same, correction: correction('cor_1', checksum('b')) })
    expect(decide(keeping, hold({ status: 'confirmed' }))).toEqual(SAME_CHECKSUM)
  })

  it('[OBS-18, OBS-19] times are compared as instants, to the microsecond, and not beyond the lead', () => {
    const sameInstant = observation({ updatedAt: '2026-02-11T11:00:00.0000009-08:00' })
    expect(decide(sameInstant, hold({}))).toEqual(duplicate())
    const now = storedObservation(observation({ updatedAt: EARLY })).timeMicros
    const ahead = { ...OTHER, updatedAt: '2099-01-01T00:00:00Z' }
    const first = { ...hold(ahead), timeMicros: writeTimeMicros(ahead, EARLY, now) }
    const sixMinutesLater = observation({ rawNoteText: 'Later', updatedAt: '2026-02-11T19:06:00Z' })
    expect(decide(sixMinutesLater, first)).toEqual(accepted('update'))
  })

  it('[OBS-19] of two times that were cut to one instant, the later `updatedAt` is the newer', () => {
    const now = storedObservation(observation({ updatedAt: EARLY })).timeMicros
    const ahead = (updatedAt: string, status: 'draft' | 'confirmed', mark: string) =>
      observation({ rawNoteText: mark, deterministicChecksum: checksum(mark), status, updatedAt })
    const decided = (incoming: Observation, current: Observation) =>
      decide(
        incoming,
        { ...storedObservation(current), timeMicros: writeTimeMicros(current, EARLY, now) },
        'author',
        writeTimeMicros(incoming, EARLY, now),
      )
    const first = ahead('2026-02-13T19:00:00.000Z', 'draft', 'f')
    const second = ahead('2026-02-13T19:00:00.001Z', 'confirmed', 'a')
    expect(decided(second, first)).toEqual(accepted('update'))
    expect(decided({ ...first, status: 'confirmed' }, { ...second, status: 'draft' })).toEqual(STALE)
    // A time that was updated since is not limited (OBS-22).
    const moved = {
      ...storedObservation(observation({ ...OTHER, updatedAt: EARLY })),
      timeMicros: now + 1_000_000,
    }
    const atThatTime = observation({
      deterministicChecksum: checksum('a'),
      updatedAt: '2026-02-11T19:00:01Z',
    })
    expect(decide(atThatTime, moved)).toEqual(STALE)
  })

  it('[OBS-20] equal times, same content: the status further along wins', () => {
    expect(decide(observation({ status: 'confirmed', updatedAt: EARLY }), hold({}))).toEqual(
      accepted('advance'),
    )
    expect(decide(observation({ updatedAt: EARLY }), hold({ status: 'confirmed' }))).toEqual(STATUS_BACK)
  })

  it('[OBS-21] equal times, other content: the greater checksum wins, then the greater hash', () => {
    const lesser = observation({
      rawNoteText: 'Lesser',
      deterministicChecksum: checksum('a'),
      updatedAt: EARLY,
    })
    const greater = observation({
      rawNoteText: 'Greater',
      deterministicChecksum: checksum('C'),
      updatedAt: EARLY,
    })
    expect(decide(greater, storedObservation(lesser))).toEqual(accepted('update'))
    expect(decide(lesser, storedObservation(greater))).toEqual(STALE)
    const pair = ['One', 'Two'].map((rawNoteText) => observation({ rawNoteText, updatedAt: EARLY }))
    const [loser, winner] = pair.toSorted((a, b) => (hash(a) < hash(b) ? -1 : 1))
    if (!loser || !winner) throw new Error('two records expected')
    expect(decide(winner, storedObservation(loser))).toEqual(accepted('update'))
    expect(decide(loser, storedObservation(winner))).toEqual(STALE)
  })

  it.each<[ActorName, boolean]>([
    ['author', true],
    ['agronomist', true],
    ['otherScout', false],
    ['grantedService', false],
  ])('[OBS-22] a newer re-send of a draft by %s moves its time: %s', (by, moves) => {
    expect(decide(observation({ updatedAt: LATE }), hold({}), by)).toEqual(duplicate(moves))
  })

  it('[OBS-22] the time of a confirmed observation does not move', () => {
    expect(
      decide(observation({ status: 'confirmed', updatedAt: LATE }), hold({ status: 'confirmed' })),
    ).toEqual(duplicate())
  })
})

const hash = (record: Observation): string => sha256(canonicalRecord(record).contentText)
