import { describe, expect, it } from 'vitest'

import type { Isolation } from '../core/engine-meta.ts'
import { nameOf } from '../testing/documents.ts'
import {
  endSearch,
  failedCall,
  type FailedCall,
  isSuspecting,
  mayBeAtFault,
  nextSuspect,
  noteFailure,
  notePassed,
} from './bisect.ts'
import { FAILED, searching } from './testing/searching.ts'

const RULES = { stillWaits: () => true, mayWriteFor: () => true }
const places = (count: number): string[] => Array.from({ length: count }, (_, i) => `place ${i}`)

describe('a call without an answer', () => {
  it.each<[boolean, FailedCall['cause'], number, number]>([
    [false, 'busy', 3, 8],
    [true, 'server', 1, 1],
    [true, 'rejected', 2, 8],
    [true, 'transfer', 1, 1],
    [true, 'transfer', 0, 2],
    [false, 'transfer', 0, 1],
    [false, 'server', 0, 8],
    [false, 'rejected', 0, 8],
  ])(
    '[ENG-48] may be at fault itself: %s, with %s, %i records and %i of its answer',
    (expected, cause, count, page) => {
      expect(mayBeAtFault({ ...FAILED, cause, places: places(count), page })).toBe(expected)
    },
  )

  it('[ENG-48] is remembered by its records and its size in UTF-8', async () => {
    const { call, keys } = await searching(undefined)
    expect(failedCall({ ...call, body: '"ü🍇"' }, 5, 'transfer')).toEqual({
      syncId: call.syncId,
      places: keys,
      bytes: 8,
      page: 5,
      cause: 'transfer',
    })
  })

  it.each<[string, Isolation | undefined, string[], number, boolean]>([
    ['once', undefined, ['a'], 1, false],
    ['in two runs in a row', { failures: 1 }, ['a'], 2, true],
    ['less often than the search before has to wait for', { failures: 2, patience: 4 }, ['a'], 3, false],
    ['as often as that', { failures: 3, patience: 4 }, ['a'], 4, true],
    ['and is a suspect alone', { failures: 0, suspects: ['a', 'b'], patience: 4 }, ['b'], 1, true],
    ['and is another record than the suspect', { failures: 0, suspects: ['a'] }, ['b'], 1, false],
    ['and has more than the suspect', { failures: 0, suspects: ['a'] }, ['a', 'b'], 1, false],
    ['and has two suspects', { failures: 0, suspects: ['a', 'b'] }, ['a', 'b'], 1, false],
    ['and is a pull', { failures: 0, suspects: ['a'] }, [], 1, false],
  ])('[ENG-48] that failed %s', async (_, before, failed, failures, isDue) => {
    const { change, stored } = await searching(before)
    const due = await change((_changeset, transaction) =>
      noteFailure(transaction, { ...FAILED, places: failed }),
    )
    expect(due).toBe(isDue)
    expect(stored('isolation')).toEqual({ ...before, failures })
  })
})

describe('after a smallest pull was answered', () => {
  it.each([
    [8, 2],
    [5, 1],
    [3, 1],
  ])('[ENG-49] a pull of %i records that was not asks for %i', async (page, smaller) => {
    const { fails, stored } = await searching(undefined)
    expect(await fails({ places: [], page, cause: 'transfer' })).toEqual({ quarantined: [], isServer: false })
    expect(stored('trial')).toMatchObject({ page: smaller, streak: 0, needed: 2 })
    expect(stored('snapshot')).toBeDefined()
    expect(stored('isolation')).toBeUndefined()
  })

  it('[ENG-48] a batch that another tab has sent meanwhile is left alone', async () => {
    const { fails, stored, tables } = await searching(undefined)
    expect(await fails({ syncId: 'syn_another', cause: 'transfer' })).toEqual({
      quarantined: [],
      isServer: false,
    })
    expect(stored('snapshot')).toBeDefined()
    expect([stored('trial'), stored('isolation')]).toEqual([undefined, undefined])
    expect([...tables().records.values()].map(({ status }) => status)).toEqual(['in_flight', 'in_flight'])
  })

  it('[ENG-48] a batch that another tab has had answered meanwhile is nothing to search in', async () => {
    const { fails, stored } = await searching(undefined, 2, 0)
    expect(await fails({ places: ['a'] })).toEqual({ quarantined: [], isServer: false })
    expect([stored('trial'), stored('isolation')]).toEqual([undefined, undefined])
  })

  it('[ENG-49] a batch of two that takes too long with the smallest answer is halved, and no suspect', async () => {
    const { fails, stored } = await searching(undefined, 2)
    await fails({ cause: 'transfer', page: 1, bytes: 1 })
    expect(stored('trial')).toEqual({ records: 1, bytes: 1, page: 1, streak: 0, needed: 2 })
    expect(stored('isolation')).toBeUndefined()
  })

  it('[ENG-29, ENG-49] a batch that takes too long is given up; the next one has half of it, and a quarter of the answer', async () => {
    const { fails, stored, tables } = await searching(undefined, 5)
    expect(await fails({ cause: 'transfer', bytes: 1_001 })).toEqual({ quarantined: [], isServer: false })
    expect(stored('trial')).toEqual({ records: 2, bytes: 500, page: 2, streak: 0, needed: 2 })
    expect([stored('snapshot'), stored('isolation')]).toEqual([undefined, undefined])
    expect(stored('queue')).toMatchObject({ unsettledBefore: 6 })
    expect([...tables().records.values()].every(({ status }) => status === 'pending')).toBe(true)
  })

  it('[ENG-49] a single record that takes too long gets a smaller answer first, and only then is a suspect', async () => {
    const { fails, stored, keys } = await searching(undefined, 1)
    await fails({ cause: 'transfer', page: 2 })
    expect(stored('trial')).toEqual({ records: Number.MAX_SAFE_INTEGER, page: 1, streak: 0, needed: 2 })
    expect(stored('isolation')).toBeUndefined()
    const again = await searching(undefined, 1)
    await again.fails({ cause: 'transfer', page: 1 })
    expect(again.stored('trial')).toBeUndefined()
    expect(again.stored('isolation')).toEqual({ failures: 0, suspects: keys })
  })

  it.each(['server', 'rejected'] as const)(
    '[ENG-26] a batch that is refused by a %s failure is halved, and its last record is a suspect',
    async (cause) => {
      const five = await searching(undefined, 5)
      expect(await five.fails({ cause })).toEqual({ quarantined: [], isServer: false })
      expect(five.stored('trial')).toEqual({ records: 2, streak: 0 })
      expect(five.stored('isolation')).toBeUndefined()
      const one = await searching({ failures: 2 }, 1)
      expect(await one.fails({ cause })).toEqual({ quarantined: [], isServer: false })
      expect(one.stored('isolation')).toEqual({ failures: 2, suspects: one.keys })
      expect(one.stored('trial')).toBeUndefined()
    },
  )

  it.each<[string, Isolation, Isolation, boolean]>([
    [
      'the seventh that fails alone is one more suspect',
      { failures: 2, suspects: places(6) },
      { failures: 2, suspects: [...places(6), 'own'] },
      false,
    ],
    [
      'the eighth shows that it is the server',
      { failures: 2, suspects: places(7) },
      { failures: 0, suspects: [], patience: 4 },
      true,
    ],
    [
      'those that others got through behind do not count',
      { failures: 2, suspects: places(9), followed: 3 },
      { failures: 2, suspects: [...places(9), 'own'], followed: 3 },
      false,
    ],
    [
      'those that others got through behind stay suspects',
      { failures: 2, suspects: places(10), followed: 3 },
      { failures: 0, suspects: places(3), followed: 3, patience: 4 },
      true,
    ],
    [
      'the next search covers twice as many',
      { failures: 4, suspects: places(14), patience: 4 },
      { failures: 4, suspects: [...places(14), 'own'], patience: 4 },
      false,
    ],
    [
      'and the one after that again',
      { failures: 4, suspects: places(15), patience: 4 },
      { failures: 0, suspects: [], patience: 8 },
      true,
    ],
    [
      'but no search waits for more than 64 failures',
      { failures: 64, suspects: places(255), patience: 64 },
      { failures: 0, suspects: [], patience: 64 },
      true,
    ],
  ])('[ENG-26] %s', async (_, before, after, isServer) => {
    const { fails, stored, keys } = await searching(before, 1)
    expect(await fails()).toEqual({ quarantined: [], isServer })
    const suspects = after.suspects?.map((place) => (place === 'own' ? keys[0] : place))
    expect(stored('isolation')).toEqual({ ...after, suspects })
  })
})

describe('a suspect that is sent again alone and fails', () => {
  it('[ENG-49, ENG-52] for what the link takes is not blamed', async () => {
    const { fails, stored, keys } = await searching(undefined, 1)
    const before = { failures: 0, suspects: keys, followed: 1, rounds: { [keys[0] ?? '']: 2 } }
    const again = await searching(before, 1)
    expect(await again.fails({ cause: 'transfer', page: 1 })).toEqual({ quarantined: [], isServer: false })
    expect(again.stored('isolation')).toEqual(before)
    expect(await fails({ cause: 'transfer', page: 1 })).toEqual({ quarantined: [], isServer: false })
    expect(stored('isolation')).toEqual({ failures: 0, suspects: keys })
  })

  it.each<[number | undefined, number, number | undefined, 'waits' | 'is quarantined']>([
    [undefined, 1, undefined, 'waits'],
    [1, 2, undefined, 'waits'],
    [2, 3, undefined, 'is quarantined'],
    [2, 3, 6, 'waits'],
    [4, 5, 6, 'waits'],
    [5, 6, 6, 'is quarantined'],
  ])(
    '[ENG-52] after %s such rounds, for the %ith time of %s, %s',
    async (rounds, next, neededRounds, outcome) => {
      const { keys } = await searching(undefined)
      const [own = '', other = ''] = keys
      const before = {
        failures: 1,
        suspects: keys,
        followed: 2,
        rounds: { [other]: 1, ...(rounds !== undefined && { [own]: rounds }) },
        ...(neededRounds !== undefined && { neededRounds }),
      }
      const { fails, stored, notes, tables } = await searching(before, 2, 1)
      const { quarantined, isServer } = await fails()
      expect(isServer).toBe(false)
      if (outcome === 'waits') {
        expect(quarantined).toEqual([])
        expect(stored('isolation')).toEqual({ ...before, rounds: { [other]: 1, [own]: next } })
      } else {
        expect(quarantined).toMatchObject([{ kind: 'quarantine', entityId: notes[0]?.observationId }])
        expect(stored('isolation')).toEqual({ ...before, suspects: [other], followed: 1 })
        expect([...tables().outbox.keys()]).toEqual([other])
      }
    },
  )

  it.each([
    ['server', 'makes the server fail, which takes other records'],
    ['rejected', 'is rejected on the way to the server, which lets other records through'],
  ] as const)('[ENG-52] for the last time, the only one, ends the search: %s', async (cause, message) => {
    const { keys } = await searching(undefined, 1)
    const { fails, stored, time } = await searching(
      { failures: 0, suspects: keys, followed: 1, rounds: { [keys[0] ?? '']: 2 } },
      1,
    )
    const { quarantined } = await fails({ cause })
    expect(quarantined).toMatchObject([{ issues: [{ path: '', message }], foundAt: time.now }])
    expect(stored('isolation')).toBeUndefined()
  })
})

describe('a call that got through', () => {
  const before: Isolation = { failures: 3, suspects: ['a', 'b'], rounds: { a: 2 } }
  it.each<[string, Isolation | undefined, string[], boolean, Isolation | undefined]>([
    ['is nothing to note where nothing failed', undefined, ['x'], false, undefined],
    ['ends the search where nothing is suspected', { failures: 1, patience: 4 }, ['x'], false, undefined],
    ['is no sign for records where it is a pull', before, [], false, { ...before, failures: 0 }],
    ['as a pull ends what was only counted', { failures: 1 }, [], false, undefined],
    [
      'as a pull keeps how long a search has to wait',
      { failures: 1, patience: 4 },
      [],
      false,
      { failures: 0, patience: 4 },
    ],
    ['ends the search with its last suspect', { failures: 3, suspects: ['a'] }, ['a', 'x'], false, undefined],
    [
      'without a suspect leaves them as they are, followed by one that got through',
      before,
      ['x'],
      false,
      { failures: 0, suspects: ['a', 'b'], followed: 2, rounds: { a: 2 }, neededRounds: 3 },
    ],
    [
      'in a later attempt starts all rounds again, and more of them',
      before,
      ['x'],
      true,
      { failures: 0, suspects: ['a', 'b'], followed: 2, rounds: {}, neededRounds: 6 },
    ],
    [
      'with a suspect clears it, and starts the rounds of the others again, and more of them',
      { ...before, neededRounds: 6 },
      ['b'],
      false,
      { failures: 0, suspects: ['a'], followed: 1, rounds: {}, neededRounds: 12 },
    ],
    [
      'asks for no more than 48 rounds',
      { ...before, neededRounds: 48 },
      ['b'],
      false,
      { failures: 0, suspects: ['a'], followed: 1, rounds: {}, neededRounds: 48 },
    ],
  ])('[ENG-52] %s', async (_, isolation, keys, recovered, after) => {
    const { change, stored, call } = await searching(isolation)
    const entries = keys.map((key) => ({ key, type: 'observation' as const, id: key }))
    await change((_changeset, transaction) => notePassed(transaction, { ...call, entries }, recovered))
    expect(stored('isolation')).toEqual(after)
  })
})

describe('suspects', () => {
  it.each<[boolean, Isolation | undefined]>([
    [false, undefined],
    [false, { failures: 3 }],
    [true, { failures: 0, suspects: ['a'] }],
    [false, { failures: 0, suspects: ['a'], followed: 1 }],
    [true, { failures: 0, suspects: ['a', 'b'], followed: 1 }],
  ])('[ENG-26] of which none got through since: %s for %j', (expected, isolation) => {
    expect(isSuspecting(isolation)).toBe(expected)
  })

  it('[ENG-52] have their turn one after the other, once others got through behind all of them', async () => {
    const { keys, change, store, notes } = await searching(undefined, 2, 0)
    const [first = '', second = ''] = keys
    const next = (resent: string[] = []) =>
      change((changeset) => nextSuspect(changeset, new Set(resent), RULES)).then((picked) => picked?.key)
    expect(await next()).toBeUndefined()
    await store({ isolation: { failures: 0, suspects: [first, second], followed: 1 } })
    expect(await next()).toBeUndefined()
    await store({ isolation: { failures: 0, suspects: ['gone', first, second], followed: 3 } })
    expect(await next()).toBe(first)
    expect(await next([first])).toBe(second)
    expect(await next([first, second])).toBeUndefined()
    await change(async (changeset) => {
      await changeset.load(notes.map(nameOf))
      const [note] = notes
      if (note)
        changeset.put({ ...changeset.record('observation', note.observationId), status: 'quarantined' })
    })
    // One that waits for a person meanwhile is passed over.
    expect(await next()).toBe(second)
  })

  it.each<[string, Isolation | undefined, boolean, Isolation | undefined]>([
    ['none', undefined, false, undefined],
    ['none, of a search that waits', { failures: 1, patience: 4 }, false, { failures: 1, patience: 4 }],
    ['none any more', { failures: 1, suspects: [] }, false, { failures: 1, suspects: [] }],
    [
      'those behind which others got through',
      { failures: 1, suspects: ['0', '1'], followed: 2 },
      true,
      { failures: 1, suspects: ['0', '1'], followed: 2 },
    ],
    [
      'only those of them',
      { failures: 1, suspects: ['0', '1'], followed: 1, rounds: { 0: 1 } },
      true,
      { failures: 1, suspects: ['0'], followed: 1, rounds: { 0: 1 } },
    ],
    [
      'none where nothing got through',
      { failures: 1, suspects: ['0'] },
      true,
      { failures: 1, suspects: [], followed: 0 },
    ],
    [
      'only what is still queued',
      { failures: 1, suspects: ['gone', '1'], followed: 2 },
      true,
      { failures: 1, suspects: ['1'], followed: 1 },
    ],
    ['nothing where none is queued', { failures: 1, suspects: ['gone'], followed: 1 }, false, undefined],
  ])('[ENG-52] that wait for the next sync run: %s', async (_, isolation, waiting, after) => {
    const { keys, change, store, stored } = await searching(undefined, 2, 0)
    const named = (each: Isolation | undefined) =>
      each && {
        ...each,
        ...(each.suspects && { suspects: each.suspects.map((place) => keys[Number(place)] ?? place) }),
      }
    await store({ isolation: named(isolation) })
    expect(await change((changeset, transaction) => endSearch(changeset, transaction))).toBe(waiting)
    expect(stored('isolation')).toEqual(named(after))
  })
})
