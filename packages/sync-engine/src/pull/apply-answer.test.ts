import { Observation, Playbook, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { observation, playbook, playbookPatch, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { OutboxEntry } from '../core/local-record.ts'
import { corrected, minutes, nameOf, START } from '../testing/documents.ts'
import { waiting } from './testing/waiting.ts'

const random = seededRandom(141)
const draft = Observation.parse(observation({ deviceId: 'dev_scout_1', createdAt: minutes(0) }, random))
const second = Observation.parse(observation({ deviceId: 'dev_scout_1' }, random))
const confirmed: Observation = { ...draft, status: 'confirmed' }
const theirs: Observation = { ...confirmed, rawNoteText: 'theirs', updatedAt: minutes(9) }
const advice = Recommendation.parse(recommendation({ observationId: draft.observationId }, random))
const book = Playbook.parse(playbook())
const patch = (baseVersion: number) => PlaybookPatch.parse(playbookPatch({ baseVersion }, random))

const NOTE = { type: 'observation', id: draft.observationId } as const
const ADVICE = { type: 'recommendation', id: advice.recommendationId } as const
const PLAYBOOK = { type: 'playbook', id: book.playbookId } as const

/** A conflict about a write, as an answer has it. */
const conflictOf = (write: OutboxEntry['document'], code: string, more: object = {}) => {
  const { type, id } = nameOf(write)
  const cut = { conflictId: `cnf_${id}`, message: 'no', resolution: 'accept_server' }
  return { entityType: type, entityId: id, code, ...cut, ...more }
}
const shows = (record: Observation) => ({ server: { updatedAt: record.updatedAt, record } })

describe('an answer', () => {
  it('[ENG-7, ENG-18] to a pull from another place is none any more, where another tab was faster', async () => {
    const { answered, call, stored, record } = await waiting([])
    expect(await answered({ observations: [draft] }, [], { by: { ...call, cursor: '0' } })).toBeNull()
    expect(stored('position')).toMatchObject({ cursor: '1', lastSyncAt: 7 })
    expect(record(NOTE)).toBeUndefined()
  })

  it('[ENG-7, ENG-18] to a batch that is no longer the stored one is none', async () => {
    const { answered, store, stored, call, tables } = await waiting([], [{ document: draft }])
    await store({ snapshot: { ...(stored('snapshot') as object), syncId: 'syn_other' } })
    expect(await answered()).toBeNull()
    await store({ snapshot: undefined })
    expect(await answered()).toBeNull()
    expect(tables().outbox.size).toBe(1)
    expect(call.cursor).toBe('1')
  })

  it('[ENG-7] to a batch counts wherever another tab has pulled to meanwhile', async () => {
    const { answered, change } = await waiting([], [{ document: draft }])
    await change(async (changeset) => {
      changeset.position.cursor = '1.5'
    })
    expect(await answered()).toMatchObject({ accepted: [NOTE] })
  })

  it('[ENG-7] takes its writes out of the outbox, and the batch with them', async () => {
    const { answered, stored, tables, record } = await waiting(
      [],
      [{ document: draft }, { document: advice }],
    )
    const applied = await answered()
    expect(applied).toEqual({
      accepted: [NOTE, ADVICE],
      parked: [],
      rebased: [],
      changed: [],
      deleted: [],
      resent: [],
      recognized: [],
      missing: { localOnly: [], corrections: [] },
      drift: null,
      hasMore: false,
      next: null,
    })
    expect(tables().outbox.size).toBe(0)
    expect([stored('snapshot'), stored('snapshotBody')]).toEqual([undefined, undefined])
    expect(record(NOTE)).toMatchObject({
      server: draft,
      local: null,
      status: 'synced',
      acknowledgedAt: START,
    })
  })

  it('[ENG-7] to a pull leaves the batch that waits', async () => {
    const { answered, call, stored } = await waiting([], [{ document: draft }])
    expect(await answered({ observations: [second] }, [], { by: { ...call, entries: [] } })).toMatchObject({
      changed: [{ type: 'observation', id: second.observationId }],
      accepted: [],
    })
    expect(stored('snapshot')).toBeDefined()
  })

  it.each([
    [false, START],
    [true, 7],
  ])(
    '[ENG-20] moves the cursor on, and is the last sync only at the head: more pages %s',
    async (hasMore, lastSyncAt) => {
      const { answered, stored } = await waiting([])
      expect(await answered({ hasMore })).toMatchObject({ hasMore })
      expect(stored('position')).toMatchObject({ cursor: '2', lastSyncAt })
    },
  )

  it.each([
    ['1.5.0', '1.5.0'],
    [undefined, '1.3.0'],
  ])('[ENG-31] announces what the server speaks: %s', async (contract, expected) => {
    const { answered, store, stored } = await waiting([])
    const address = 'https://sync.test'
    await store({
      contact: {
        address,
        contract: '1.3.0',
        workspaceUid: null,
        workspaceName: null,
        isForeign: false,
        home: null,
      },
    })
    await answered({}, [], contract === undefined ? {} : { contract })
    expect(stored('contact')).toMatchObject({ contract: expected })
  })

  it('[HSH-1] counts with what this build does not know of its records', async () => {
    const { answered, record, stored, before } = await waiting([])
    const raw = { downstream: { observations: [{ ...draft, soil: 1 }], recommendations: [] } }
    await answered({ observations: [draft] }, [], { raw })
    expect(record(NOTE)?.unknown?.fields).toEqual({ '/soil': 1 })
    expect((stored('position') as { stateHash: string }).stateHash).not.toBe(before)
  })
})

describe('what a report named', () => {
  const resolved = ['a', 'b', 'c'].map((conflictId) => ({ conflictId, resolution: 'discard' }))
  const drift = { noticedAt: minutes(0), serverHash: 'a', deviceHash: 'b' }
  it.each([
    [{ resolved: 0, drift: false }, resolved, drift],
    [{ resolved: 2, drift: false }, resolved.slice(2), drift],
    [{ resolved: 3, drift: true }, undefined, undefined],
  ])('[CNF-12, ENG-25] is not reported again: %j', async (reported, left, leftDrift) => {
    const { answered, store, stored } = await waiting([], [], reported)
    await store({ resolved, drift })
    await answered()
    expect(stored('resolved')).toEqual(left)
    expect(stored('drift')).toEqual(leftDrift)
  })

  it('[CNF-12] is nothing where nothing is stored any more', async () => {
    const { answered, stored } = await waiting([], [], { resolved: 2, drift: true })
    await answered()
    expect([stored('resolved'), stored('drift')]).toEqual([undefined, undefined])
  })
})

describe('a conflict of an answer', () => {
  const mine: Observation = { ...draft, rawNoteText: 'mine', updatedAt: minutes(3) }

  it('[ENG-7] is the write’s that it names, and the others are accepted', async () => {
    const { answered, record } = await waiting(
      [{ ...NOTE, server: draft }],
      [{ document: mine }, { document: second }, { document: advice }],
    )
    const applied = await answered({}, [conflictOf(mine, 'OBSERVATION_IMMUTABLE', shows(theirs))])
    expect(applied?.accepted.map(({ id }) => id)).toEqual([second.observationId, advice.recommendationId])
    expect(applied?.parked).toMatchObject([{ kind: 'server', losing: mine }])
    expect(record(NOTE)).toMatchObject({ status: 'conflict', server: theirs })
  })

  it('[ENG-7, HSH-1] shows the server’s version as it came', async () => {
    const { answered, record } = await waiting([{ ...NOTE, server: draft }], [{ document: mine }])
    const conflict = conflictOf(mine, 'OBSERVATION_IMMUTABLE', shows(theirs))
    const raw = { conflicts: [{ ...conflict, server: { record: { ...theirs, soil: 1 } } }] }
    await answered({}, [conflict], { raw })
    expect(record(NOTE)?.unknown?.fields).toEqual({ '/soil': 1 })
  })

  it('[CUR-8] shows that the server took a first write before', async () => {
    const { answered, record } = await waiting([], [{ document: mine }])
    await answered({}, [conflictOf(mine, 'OBSERVATION_STALE_WRITE', shows(theirs))])
    expect(record(NOTE)).toMatchObject({ acknowledgedAt: START, status: 'conflict' })
  })

  it('[ENG-29, CNF-10] against a later write of this device is reported as resolved, and nobody decides', async () => {
    const { answered, stored } = await waiting([], [{ document: draft }, { document: mine }])
    const conflict = conflictOf(draft, 'OBSERVATION_STALE_WRITE', shows(mine))
    expect(await answered({}, [conflict])).toMatchObject({ parked: [], accepted: [NOTE] })
    expect(stored('resolved')).toEqual([{ conflictId: conflict.conflictId, resolution: 'accept_server' }])
  })

  it('[ENG-59] with an orphan starts a full pull at a server without state hashes, unless one runs', async () => {
    const orphan = conflictOf(advice, 'RECOMMENDATION_ORPHAN')
    const { answered, stored } = await waiting([{ ...NOTE, server: draft }], [{ document: advice }])
    await answered({}, [orphan])
    expect(stored('fullPull')).toMatchObject({ reason: 'drift', step: 'pages' })
    const running = await waiting([{ ...NOTE, server: draft }], [{ document: advice }])
    const fullPull = { reason: 'cursor', step: 'pages', swept: '', serverHash: null }
    await running.store({ fullPull })
    await running.answered({}, [orphan])
    expect(running.stored('fullPull')).toEqual({ ...fullPull, step: 'sweep' })
  })
})

describe('patches of an answer', () => {
  const behind = (version: number, more: object = {}) => ({
    resolution: 'rebase',
    playbook: {
      document: { ...book, version },
      overlapping: false,
      intervening: [{ version, paths: [] }],
      ...more,
    },
  })

  it('[ENG-7] are accepted', async () => {
    const own = patch(3)
    const { answered, record } = await waiting([{ ...PLAYBOOK, server: book }], [{ document: own }])
    const name = { type: 'playbookPatch', id: own.patchId } as const
    expect(await answered({ playbooks: [{ ...book, version: 4 }] })).toMatchObject({
      accepted: [name],
      changed: [PLAYBOOK],
    })
    expect(record(name)).toMatchObject({ server: own, status: 'synced' })
    expect(record(PLAYBOOK)).toMatchObject({ server: { version: 4 }, queued: [] })
  })

  it('[ENG-16, CNF-10] go out again on the version that the conflict shows, which is reported as resolved', async () => {
    const own = patch(3)
    const { answered, record, stored, tables } = await waiting(
      [{ ...PLAYBOOK, server: book }],
      [{ document: own }],
    )
    const conflict = conflictOf(own, 'PLAYBOOK_VERSION_MISMATCH', behind(6))
    const raw = { conflicts: [{ ...conflict, playbook: { document: { ...book, version: 6, soil: 1 } } }] }
    const applied = await answered({}, [conflict], { raw })
    expect(applied).toMatchObject({
      rebased: [{ from: own.patchId, conflict: { conflictId: conflict.conflictId } }],
      parked: [],
      accepted: [],
    })
    expect([...tables().outbox.values()]).toMatchObject([{ document: { baseVersion: 6 } }])
    expect(record(PLAYBOOK)).toMatchObject({ server: { version: 6 } })
    expect(stored('resolved')).toEqual([{ conflictId: conflict.conflictId, resolution: 'rebase' }])
  })

  it('[ENG-16] show a playbook that was never seen here', async () => {
    const own = patch(3)
    const { answered, record } = await waiting([], [{ document: own }])
    await answered({}, [conflictOf(own, 'PLAYBOOK_VERSION_MISMATCH', behind(6))])
    expect(record(PLAYBOOK)).toMatchObject({ server: { version: 6 } })
  })

  it.each([2, 3])(
    '[ENG-16] leave the playbook that is known where the conflict shows version %i',
    async (version) => {
      const own = patch(3)
      const known = { ...book, updatedAt: minutes(1) }
      const { answered, record } = await waiting([{ ...PLAYBOOK, server: known }], [{ document: own }])
      await answered({}, [conflictOf(own, 'PLAYBOOK_VERSION_MISMATCH', behind(version))])
      expect(record(PLAYBOOK)?.server).toEqual(known)
    },
  )

  it('[ENG-16] wait for a person, each by its own conflict, in the order of their playbooks', async () => {
    const [first, other] = [patch(3), { ...patch(3), playbookId: 'pbk_other' as PlaybookPatch['playbookId'] }]
    const { answered } = await waiting(
      [{ ...PLAYBOOK, server: book }],
      [{ document: first }, { document: other }],
    )
    const lost = (own: PlaybookPatch) => conflictOf(own, 'PLAYBOOK_PATCH_INVALID', { resolution: 'fix' })
    expect((await answered({}, [lost(other), lost(first)]))?.parked).toMatchObject([
      { losing: first, conflict: { entityId: first.patchId } },
      { losing: other, conflict: { entityId: other.patchId } },
    ])
  })

  it('[ENG-62, CNF-10] that the server was asked for and does not have are only here, and nobody decides', async () => {
    const own = patch(3)
    const { answered, stored, record } = await waiting(
      [{ ...PLAYBOOK, server: book }],
      [{ document: own, asks: true }],
    )
    const conflict = conflictOf(own, 'PLAYBOOK_VERSION_MISMATCH', behind(6))
    const name = { type: 'playbookPatch', id: own.patchId } as const
    expect(await answered({}, [conflict])).toMatchObject({
      missing: { localOnly: [name] },
      parked: [],
      rebased: [],
    })
    expect(record(name)).toMatchObject({ localOnly: own })
    expect(stored('resolved')).toEqual([{ conflictId: conflict.conflictId, resolution: 'accept_server' }])
  })
})

describe('corrections of an answer', () => {
  const one = corrected(confirmed, 'one')
  const two = corrected(one, 'two')

  it('[ENG-44] are those that the server is known to have, in their order, without one that lost', async () => {
    const all = await waiting([{ ...NOTE, server: confirmed }], [{ document: one }, { document: two }])
    await all.answered()
    expect(all.record(NOTE)?.corrections).toEqual(['cor_one', 'cor_two'])
    const three = corrected(one, 'three')
    const some = await waiting(
      [{ ...NOTE, server: confirmed }],
      [{ document: one }, { document: two }, { document: three }],
    )
    await some.answered({}, [conflictOf(three, 'OBSERVATION_CORRECTION_STALE', shows(two))])
    expect(some.record(NOTE)?.corrections).toEqual(['cor_one', 'cor_two'])
  })

  it('[ENG-46] leave another version possible while pages follow, and none at the head', async () => {
    const { answered, stored, call } = await waiting([{ ...NOTE, server: confirmed }], [{ document: one }])
    await answered({ hasMore: true })
    expect(stored('openOutcomes')).toMatchObject([{ ...NOTE, otherwise: { server: confirmed } }])
    await answered({ hasMore: true, observations: [second] }, [], {
      by: { ...call, cursor: '2', entries: [] },
    })
    expect(stored('openOutcomes')).toHaveLength(1)
    await answered({}, [], { by: { ...call, cursor: '2', entries: [] } })
    expect(stored('openOutcomes')).toBeUndefined()
  })

  it('[ENG-46] end what was possible where a conflict shows the server’s version', async () => {
    const { answered, store, stored } = await waiting([{ ...NOTE, server: confirmed }], [{ document: one }])
    await store({ openOutcomes: [{ ...NOTE, otherwise: { server: theirs, digest: null } }] })
    await answered({ hasMore: true }, [conflictOf(one, 'OBSERVATION_CORRECTION_STALE', shows(theirs))])
    expect(stored('openOutcomes')).toBeUndefined()
  })

  it('[ENG-46] with the content that the server has start a full pull, unless one runs', async () => {
    const same = corrected(confirmed, 'other', { rawNoteText: 'one', deterministicChecksum: 'sha256:one' })
    const { answered, stored } = await waiting([{ ...NOTE, server: one }], [{ document: same }])
    await answered()
    expect(stored('fullPull')).toMatchObject({ reason: 'drift', step: 'pages' })
    const fullPull = { reason: 'cursor', step: 'pages', swept: '', serverHash: null }
    const running = await waiting([{ ...NOTE, server: one }], [{ document: same }])
    await running.store({ fullPull })
    await running.answered({ hasMore: true })
    expect(running.stored('fullPull')).toEqual(fullPull)
    const drifting = await waiting([{ ...NOTE, server: one }], [{ document: same }])
    await drifting.answered({ stateHash: 'e'.repeat(64) })
    expect(drifting.stored('position')).toMatchObject({ generation: 1 })
  })
})

describe('state hashes of an answer', () => {
  it('[HSH-5] that differ at the head are a drift, which a full pull heals', async () => {
    const { answered, stored, before } = await waiting([])
    const stateHash = 'e'.repeat(64)
    expect(await answered({ stateHash })).toMatchObject({
      drift: { serverHash: stateHash, deviceHash: before, healing: true },
    })
    expect(stored('fullPull')).toMatchObject({ reason: 'drift', step: 'pages' })
    expect(stored('position')).toMatchObject({ cursor: '' })
  })

  it.each([
    ['pages', true, 'pages', null],
    ['pages', false, 'sweep', 'e'.repeat(64)],
    ['sweep', false, 'sweep', 'f'.repeat(64)],
  ])(
    '[ENG-15] of a full pull are no drift: at the %s, with more %s',
    async (step, hasMore, after, serverHash) => {
      const { answered, store, stored } = await waiting([])
      const fullPull = {
        reason: 'cursor',
        step,
        swept: '',
        serverHash: step === 'sweep' ? 'f'.repeat(64) : null,
      }
      await store({ fullPull })
      expect(await answered({ stateHash: 'e'.repeat(64), hasMore })).toMatchObject({ drift: null })
      expect(stored('fullPull')).toEqual({ ...fullPull, step: after, serverHash })
    },
  )

  it('[ENG-42, CUR-6] of a full pull come with versions: an earlier one shows what is only here, or goes out again', async () => {
    const fullPull = { reason: 'cursor', step: 'pages', swept: '', serverHash: null }
    const other = await waiting([{ ...NOTE, server: confirmed }])
    await other.store({ fullPull })
    expect(await other.answered({ observations: [draft] })).toMatchObject({
      missing: { localOnly: [NOTE] },
      resent: [],
    })
    expect(other.record(NOTE)?.localOnly).toEqual(confirmed)
    const own = await waiting([{ ...NOTE, server: confirmed, acknowledgedAt: START }])
    await own.store({ fullPull })
    expect(await own.answered({ observations: [draft] })).toMatchObject({
      missing: { localOnly: [] },
      resent: [NOTE],
    })
    const usual = await waiting([{ ...NOTE, server: confirmed }])
    expect(await usual.answered({ observations: [draft] })).toMatchObject({
      missing: { localOnly: [] },
      resent: [],
    })
  })
})
