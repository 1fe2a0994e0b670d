import { Observation, Playbook, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { combineDigests, EMPTY_STATE_HASH, type Role } from '@fieldsync/domain'
import { observation, playbook, playbookPatch, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { transact } from '../core/engine-context.ts'
import type { FullPull } from '../core/engine-meta.ts'
import type { EntityType, LocalRecord } from '../core/local-record.ts'
import { START } from '../testing/documents.ts'
import { type KnownRecord, testContext } from '../testing/test-context.ts'
import { startFullPull, sweepSome, type Swept } from './full-pull.ts'

const DAY = 24 * 60 * 60_000
const random = seededRandom(21)
const note = Observation.parse(observation({ deviceId: 'dev_scout_1' }, random))
const ofBen = Observation.parse(observation({ deviceId: 'dev_ben' }, random))
const advice = Recommendation.parse(recommendation({}, random))
const book = Playbook.parse(playbook())
const patch = (baseVersion: number) => PlaybookPatch.parse(playbookPatch({ baseVersion }, random))

const OBSERVATION = { type: 'observation', id: note.observationId, server: note } as const
const BEN = { type: 'observation', id: ofBen.observationId, server: ofBen } as const
const PLAYBOOK = { type: 'playbook', id: book.playbookId, server: book } as const
const patchRecord = (server: PlaybookPatch, more: Partial<LocalRecord> = {}) =>
  ({ type: 'playbookPatch', id: server.patchId, server, ...more }) as const

const SWEEP: FullPull = { reason: 'cursor', step: 'sweep', swept: '', serverHash: null }
const NONE: Swept = { resent: [], localOnly: [], corrections: [] }

/** A device whose second full pull brought its pages; a record that one of them confirmed has the generation 2. */
async function pulled(known: KnownRecord[], { role = 'agronomist' }: { role?: Role } = {}) {
  const world = await testContext({ role })
  await world.change(async (changeset) => {
    changeset.position.generation = 2
  })
  await world.know(...known.map((each) => ({ generation: 1, ...each })))
  const sweep = (fullPull: FullPull = SWEEP) =>
    transact(world.context, (changeset, transaction) =>
      sweepSome(world.context, changeset, transaction, fullPull),
    )
  const record = (type: EntityType, id: string) => world.record({ type, id })
  /** The sweep to its end. */
  const swept = async (fullPull: FullPull = SWEEP) => {
    const first = await sweep(fullPull)
    const last = await sweep(world.stored('fullPull') as FullPull)
    return {
      resent: [...first.resent, ...last.resent],
      localOnly: [...first.localOnly, ...last.localOnly],
      corrections: [...first.corrections, ...last.corrections],
    }
  }
  return { ...world, sweep, swept, record }
}

describe('a full pull', () => {
  it.each<[FullPull['reason'], FullPull['reason'] | null, FullPull['reason']]>([
    ['cursor', null, 'cursor'],
    ['drift', null, 'drift'],
    ['drift', 'cursor', 'cursor'],
    ['drift', 'drift', 'drift'],
    ['cursor', 'drift', 'cursor'],
  ])(
    '[ENG-15] that starts for a %s while one for %s runs goes on as one for %s',
    async (reason, running, after) => {
      const { change, store, stored } = await pulled([OBSERVATION])
      await store({
        openOutcomes: [],
        ...(running && {
          fullPull: { reason: running, step: 'sweep', swept: 'observation/x', serverHash: '1' },
        }),
      })
      await change(async (changeset, transaction) => {
        changeset.position.cursor = '1.5'
        await startFullPull(changeset, transaction, reason)
      })
      expect(stored('fullPull')).toEqual({ reason: after, step: 'pages', swept: '', serverHash: null })
      expect(stored('position')).toMatchObject({ cursor: '', generation: 3 })
      expect(stored('openOutcomes')).toBeUndefined()
    },
  )
})

describe('at the end of a full pull, a record', () => {
  const recently = { acknowledgedAt: START - 30 * DAY + 1 }

  it('[ENG-15] that a page confirmed stays as it is', async () => {
    const { swept, record } = await pulled([{ ...OBSERVATION, generation: 2, ...recently }])
    expect(await swept()).toEqual(NONE)
    expect(record('observation', note.observationId)).toMatchObject({ server: note, status: 'synced' })
  })

  it('[ENG-15, CUR-6] that this device had acknowledged within 30 days goes out again, in front of what came since', async () => {
    const { swept, record, tables, stored } = await pulled([{ ...OBSERVATION, ...recently }])
    expect(await swept()).toEqual({ ...NONE, resent: [{ type: 'observation', id: note.observationId }] })
    expect(record('observation', note.observationId)).toMatchObject({
      server: null,
      digest: null,
      local: note,
      status: 'pending',
    })
    expect(record('observation', note.observationId)).not.toHaveProperty('localOnly')
    expect([...tables().outbox.values()]).toEqual([
      {
        type: 'observation',
        id: note.observationId,
        document: note,
        writtenAt: START,
        since: '0000000000000000',
        offer: true,
      },
    ])
    expect(stored('position')).toMatchObject({ stateHash: EMPTY_STATE_HASH })
  })

  it.each<[string, KnownRecord]>([
    ['30 days ago', { ...OBSERVATION, acknowledgedAt: START - 30 * DAY }],
    ['never', OBSERVATION],
    [
      'as a recommendation that others wrote',
      { type: 'recommendation', id: advice.recommendationId, server: advice },
    ],
    ['as a playbook, lately', { ...PLAYBOOK, ...recently }],
  ])('[ENG-41] that was acknowledged %s stays here, marked', async (_, known) => {
    const { swept, record, tables } = await pulled([known])
    const { type, id, server } = known
    expect(await swept()).toEqual({ ...NONE, localOnly: [{ type, id }] })
    expect(record(type, id)).toMatchObject({ server: null, localOnly: server, status: 'local_only' })
    expect(tables().outbox.size).toBe(0)
  })

  it.each([
    ['agronomist', true],
    ['admin', false],
  ] as const)(
    '[OBS-2, ENG-41] of another device, acknowledged to an %s, goes out again, and is marked too: %s',
    async (role, marked) => {
      const { swept, record } = await pulled([{ ...BEN, ...recently }], { role })
      const name = { type: 'observation', id: ofBen.observationId }
      expect(await swept()).toEqual({ ...NONE, resent: [name], localOnly: marked ? [name] : [] })
      expect(record('observation', ofBen.observationId)?.localOnly).toEqual(marked ? ofBen : undefined)
    },
  )

  it('[ENG-41] that was only here before stays so, and is no news', async () => {
    const { swept, record } = await pulled([
      { type: 'observation', id: note.observationId, localOnly: note, ...recently },
    ])
    expect(await swept()).toEqual(NONE)
    expect(record('observation', note.observationId)).toMatchObject({ localOnly: note, status: 'local_only' })
  })

  it('[ENG-15] on which a later write waits is marked, and that one goes out instead', async () => {
    const { swept, queue, record, tables } = await pulled([{ ...OBSERVATION, ...recently }])
    const edited = { ...note, rawNoteText: 'edited' }
    await queue({ document: edited })
    expect(await swept()).toEqual({ ...NONE, localOnly: [{ type: 'observation', id: note.observationId }] })
    expect(tables().outbox.size).toBe(1)
    expect(record('observation', note.observationId)).toMatchObject({ local: edited, localOnly: note })
  })

  it('[ENG-15] is looked through a page at a time, and each only once', async () => {
    const { sweep, stored } = await pulled([OBSERVATION, BEN])
    const [first, last] = [note, ofBen].map(({ observationId }) => `observation/${observationId}`).toSorted()
    expect((await sweep({ ...SWEEP, swept: first ?? '' })).localOnly).toEqual([
      { type: 'observation', id: last?.slice('observation/'.length) },
    ])
    expect(stored('fullPull')).toEqual({ ...SWEEP, swept: last })
    expect(await sweep({ ...SWEEP, swept: last ?? '' })).toEqual(NONE)
    expect(stored('fullPull')).toBeUndefined()
  })

  it('[ENG-29] may be known to the server after all: what waits then is sent one write at a time', async () => {
    const { swept, stored, queue } = await pulled([])
    await queue({ document: note })
    await swept()
    expect(stored('queue')).toMatchObject({ nextSequence: 2, unsettledBefore: 2 })
  })
})

describe('at the end of a full pull, a patch', () => {
  const recently = { acknowledgedAt: START }
  const confirmed = (version: number) => ({ ...PLAYBOOK, server: { ...book, version }, generation: 2 })

  it('[ENG-15, ENG-62] that was acknowledged lately goes out again, by the versions of its playbook', async () => {
    const [lower, higher] = [patch(4), patch(3)].toSorted((a, b) => (a.patchId < b.patchId ? -1 : 1))
    const second = { ...(lower as PlaybookPatch), baseVersion: 4 }
    const first = { ...(higher as PlaybookPatch), baseVersion: 3 }
    const { swept, tables, stored } = await pulled([
      confirmed(3),
      patchRecord(second, recently),
      patchRecord(first, recently),
    ])
    const { resent, localOnly } = await swept()
    expect(resent.map(({ id }) => id)).toEqual([first.patchId, second.patchId])
    expect(localOnly).toEqual([])
    expect([...tables().outbox.values()]).toMatchObject([
      { id: first.patchId, document: first, offer: true },
      { id: second.patchId, document: second, offer: true },
    ])
    for (const entry of tables().outbox.values()) {
      expect(entry).not.toHaveProperty('since')
      expect(entry).not.toHaveProperty('asks')
    }
    expect(stored('queue')).toMatchObject({ pending: 2 })
  })

  it.each([
    [3, 'is only here'],
    [4, 'is asked for'],
  ])(
    '[ENG-62] of an earlier time, on version 3 of a playbook that the server has at %i, %s',
    async (version, outcome) => {
      const old = patch(3)
      const { swept, record, tables } = await pulled([confirmed(version), patchRecord(old)])
      const { resent, localOnly } = await swept()
      const name = { type: 'playbookPatch', id: old.patchId }
      expect(resent).toEqual([])
      if (outcome === 'is only here') {
        expect(localOnly).toEqual([name])
        expect(record('playbookPatch', old.patchId)).toMatchObject({ server: null, localOnly: old })
        expect(tables().outbox.size).toBe(0)
      } else {
        expect(localOnly).toEqual([])
        expect([...tables().outbox.values()]).toMatchObject([{ id: old.patchId, asks: true, offer: true }])
      }
    },
  )

  it('[ENG-62] that was only here before stays so, and is no news', async () => {
    const old = patch(3)
    const known = { type: 'playbookPatch', id: old.patchId, localOnly: old, ...recently } as const
    const { swept, tables } = await pulled([confirmed(3), known])
    expect(await swept()).toEqual(NONE)
    expect(tables().outbox.size).toBe(0)
  })

  it('[ENG-62] of a playbook that the server does not have any more is only here', async () => {
    const { swept } = await pulled([patchRecord(patch(3))])
    expect((await swept()).localOnly).toHaveLength(1)
  })

  it.each([
    [0, false],
    [1, true],
  ])(
    '[ENG-62] that the server was asked for is decided again, unless it is on its way (%i)',
    async (inFlight, stays) => {
      const old = patch(3)
      const { swept, queue, change, record, tables } = await pulled([confirmed(3)])
      await queue({ document: old, asks: true })
      await change(async (changeset) => {
        changeset.put({ ...(await changeset.read('playbookPatch', old.patchId)), inFlight })
      })
      const { localOnly } = await swept()
      expect(tables().outbox.size).toBe(stays ? 1 : 0)
      expect(localOnly).toEqual(stays ? [] : [{ type: 'playbookPatch', id: old.patchId }])
      expect(record('playbookPatch', old.patchId)).toMatchObject(
        stays ? { local: old, server: null } : { local: null, server: null, localOnly: old },
      )
    },
  )

  it('[ENG-62] that waits to be applied stays queued', async () => {
    const own = patch(3)
    const { swept, queue, tables } = await pulled([confirmed(3)])
    await queue({ document: own })
    expect(await swept()).toEqual(NONE)
    expect([...tables().outbox.values()]).toMatchObject([{ document: own }])
  })
})

describe('after a full pull, the drift that it was for', () => {
  const OTHER = 'b'.repeat(64)
  const healing = { at: 5, failures: 2, difference: 'd'.repeat(64) }
  const left = (failures: number, serverHash = OTHER) => ({
    at: START,
    failures,
    difference: combineDigests(serverHash, EMPTY_STATE_HASH),
  })
  it.each<[string, FullPull['reason'], string | null, object | undefined, object | undefined]>([
    ['is forgotten where the server has no hashes', 'drift', null, healing, undefined],
    ['is forgotten where a reset made the copies equal', 'cursor', EMPTY_STATE_HASH, healing, undefined],
    ['is left to the next comparison after a reset', 'cursor', OTHER, healing, healing],
    ['is remembered where it stayed', 'drift', OTHER, undefined, left(1)],
    ['is counted where it stayed again', 'drift', OTHER, healing, left(3)],
    ['is counted up to ten', 'drift', OTHER, { ...healing, failures: 10 }, left(10)],
    [
      'is remembered where it is gone, until a comparison says so',
      'drift',
      EMPTY_STATE_HASH,
      undefined,
      left(1, EMPTY_STATE_HASH),
    ],
  ])('[ENG-47, HSH-6] %s', async (_, reason, serverHash, before, after) => {
    const { sweep, store, stored } = await pulled([])
    await store({ healing: before })
    await sweep({ ...SWEEP, reason, serverHash })
    expect(stored('healing')).toEqual(after)
  })
})
