import { Observation, Playbook, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { observation, playbook, playbookPatch, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { Changeset } from '../core/changeset.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import { sequenceKey } from '../core/local-store.ts'
import { parked, quarantined, refusedBy } from '../testing/conflicts.ts'
import { NOW } from '../testing/device-store.ts'
import { openConflicts } from '../testing/open-conflicts.ts'
import type { ConflictChoice } from './choices.ts'
import type { ChoiceInput, Resolutions } from './resolutions.ts'

const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
const HEAT = '/rules/rule_heat_moderate/constraints/maxWindKph'

const random = seededRandom(1)
const note = Observation.parse(observation({ status: 'confirmed' }, random))
const advice = Recommendation.parse(recommendation({}, random))
const rules = Playbook.parse(playbook({ version: 5 }))
const patch = (baseVersion: number, path = WIND): PlaybookPatch =>
  PlaybookPatch.parse(playbookPatch({ baseVersion, operations: [{ op: 'replace', path, value: 9 }] }, random))
const losing = patch(3)
const mine: Observation = { ...note, rawNoteText: 'mine' }
const correction = { reason: 'seen again' }

/** The server has a note, and the playbook. */
const known = async (changeset: Changeset) => {
  await changeset.load([{ type: 'observation', id: note.observationId }])
  await changeset.load([{ type: 'playbook', id: rules.playbookId }])
  changeset.putServer('observation', note.observationId, note)
  changeset.putServer('playbook', rules.playbookId, rules)
}
const overlapping = (document = rules) => ({
  playbook: {
    activeVersion: document.version,
    document,
    intervening: [{ version: 4, patchId: null, paths: [HEAT] }],
    overlapping: true,
  },
})

describe('a decision that cannot be carried out', () => {
  const server = { server: { updatedAt: note.createdAt, record: note } }
  const ofNote = refusedBy('OBSERVATION_IMMUTABLE', mine, server)
  const other = { ...note, observationId: 'obs_20260211_0099' as Observation['observationId'] }
  const orphan = refusedBy('RECOMMENDATION_ORPHAN', advice)

  it.each<[string, LocalConflict, (resolve: Resolutions, id: string) => Promise<unknown>, object]>([
    [
      'a correction of what is no note',
      parked(advice),
      ({ correct }, id) => correct(id, correction),
      { path: '', message: 'only an observation is corrected', code: 'other_choice' },
    ],
    [
      'a correction of another note',
      ofNote,
      ({ correct }, id) => correct(id, { ...correction, basedOn: other }),
      { path: '/observationId', message: 'is not the one of basedOn', code: 'other_base' },
    ],
    [
      'a correction of what the server lacks',
      parked(other),
      ({ correct }, id) => correct(id, correction),
      { path: '', message: 'the server has no version to correct', code: 'no_server_version' },
    ],
    [
      'a correction that changes nothing',
      ofNote,
      ({ correct }, id) => correct(id, { ...correction, changes: { rawNoteText: note.rawNoteText } }),
      {
        path: '',
        message: 'changes nothing of what the server has: take over its version',
        code: 'no_change',
      },
    ],
    [
      'a correction without a reason',
      ofNote,
      ({ correct }, id) => correct(id, { reason: '' }),
      expect.objectContaining({ path: '/correction/reason', code: 'text_empty' }),
    ],
    [
      'a rebase of what is no patch',
      ofNote,
      ({ rebase }, id) => rebase(id),
      { path: '', message: 'only a patch is rebased', code: 'other_choice' },
    ],
    [
      'a rebase on a playbook that is not here',
      parked({ ...losing, playbookId: 'pbk_other' as PlaybookPatch['playbookId'] }),
      ({ rebase }, id) => rebase(id),
      { path: '/playbookId', message: 'is not on this device yet', code: 'not_here' },
    ],
    [
      'a new id for another device’s note',
      parked({ ...mine, deviceId: 'dev_other' as Observation['deviceId'] }),
      ({ rename }, id) => rename(id),
      {
        path: '/deviceId',
        message: 'is another device, whose note gets no new id here',
        code: 'other_choice',
      },
    ],
    [
      'an orphan of what is not here',
      orphan,
      ({ resubmit }, id) => resubmit(id),
      {
        path: '/observationId',
        message: 'is not on this device: name another observation, or discard this',
        code: 'not_here',
      },
    ],
    [
      'a note under another id',
      quarantined(mine),
      ({ fix }, id) => fix(id, other),
      { path: '/observationId', message: 'must stay; rename gives a new id', code: 'wrong_id' },
    ],
    [
      'a recommendation under another id',
      quarantined(advice),
      ({ fix }, id) => fix(id, { ...advice, recommendationId: 'rec_20260211_0099' }),
      { path: '/recommendationId', message: 'must stay; rename gives a new id', code: 'wrong_id' },
    ],
    [
      'a patch under another id',
      quarantined(losing),
      ({ fix }, id) => fix(id, { ...losing, patchId: 'pch_20260211_0099' }),
      { path: '/patchId', message: 'must stay; rename gives a new id', code: 'wrong_id' },
    ],
    [
      'a note that is still broken',
      quarantined(mine),
      ({ fix }, id) => fix(id, { ...mine, rawNoteText: '' }),
      expect.objectContaining({ path: '/rawNoteText', code: 'text_empty' }),
    ],
    [
      'a recommendation that is still broken',
      quarantined(advice),
      ({ fix }, id) => fix(id, { ...advice, action: '' }),
      expect.objectContaining({ path: '/action', code: 'text_empty' }),
    ],
    [
      'a patch that is still broken',
      quarantined(losing),
      ({ fix }, id) => fix(id, { ...losing, reason: '' }),
      expect.objectContaining({ path: '/reason', code: 'text_empty' }),
    ],
    [
      'a choice that the conflict has not',
      ofNote,
      ({ by }, id) => by(id, 'rename'),
      { path: '', message: 'is resolved by correct or accept_server', code: 'other_choice' },
    ],
    [
      'a repair without a document',
      quarantined(mine),
      ({ by }, id) => by(id, 'fix'),
      { path: '', message: 'takes the repaired document', code: 'other_choice' },
    ],
    [
      'a correction by name without a reason',
      ofNote,
      ({ by }, id) => by(id, 'correct', { correction: { reason: ' ' } }),
      { path: '/correction/reason', message: 'says why', code: 'reason_required' },
    ],
  ])('[ENG-17] changes nothing and says why: %s', async (_, conflict, decide, issue) => {
    const { device, id, resolve } = await openConflicts([conflict], known)
    const before = device.tables()
    expect(await decide(resolve, id)).toEqual({ ok: false, issues: [issue] })
    expect(device.tables()).toEqual(before)
    expect(device.events).toEqual([])
  })

  it.each<[string, (resolve: Resolutions) => Promise<unknown>]>([
    ['acceptServer', (resolve) => resolve.acceptServer('gone')],
    ['correct', (resolve) => resolve.correct('gone', correction)],
    ['rename', (resolve) => resolve.rename('gone')],
    ['rebase', (resolve) => resolve.rebase('gone')],
    ['resubmit', (resolve) => resolve.resubmit('gone')],
    ['fix', (resolve) => resolve.fix('gone', mine)],
    ['discard', (resolve) => resolve.discard('gone')],
    ['by', (resolve) => resolve.by('gone', 'rename')],
  ])('[ENG-17] was made already: %s', async (_, decide) => {
    const { resolve, writes } = await openConflicts([])
    expect(await decide(resolve)).toEqual({
      ok: false,
      issues: [{ path: '', message: 'is resolved already', code: 'resolved_already' }],
    })
    expect(writes).toEqual([false])
  })

  it('[ENG-17] rejects where an error is the reason', async () => {
    const { id, resolve } = await openConflicts([parked(mine)], known, {
      ids: new Proxy({} as never, {
        get: () => () => {
          throw new Error('no randomness')
        },
      }),
    })
    await expect(resolve.rename(id)).rejects.toThrow('no randomness')
  })
})

describe('a decision by its name', () => {
  const server = { server: { updatedAt: note.createdAt, record: note } }
  const ofNote = { type: 'observation', id: note.observationId }
  const NEW = '_20260211_9000'

  it.each<[ConflictChoice, LocalConflict, ChoiceInput, object]>([
    ['accept_server', refusedBy('OBSERVATION_IMMUTABLE', mine, server), {}, ofNote],
    ['correct', refusedBy('OBSERVATION_IMMUTABLE', mine, server), { correction }, ofNote],
    ['rename', refusedBy('OBSERVATION_ID_TAKEN', mine, server), {}, { ...ofNote, id: `obs${NEW}` }],
    [
      'rebase',
      refusedBy('PLAYBOOK_VERSION_MISMATCH', losing, overlapping()),
      {},
      { type: 'playbookPatch', id: `pch${NEW}` },
    ],
    ['resubmit', quarantined(mine), {}, ofNote],
    ['fix', quarantined(mine), { document: { ...mine, rawNoteText: 'repaired' } }, ofNote],
    ['discard', quarantined(mine), {}, ofNote],
  ])('[ENG-17] is carried out, published, and starts a sync: %s', async (choice, conflict, input, record) => {
    const { device, id, resolve, writes } = await openConflicts([conflict], known)
    expect(await resolve.by(id, choice, input)).toEqual({ ok: true, record })
    expect(device.events).toEqual([{ kind: 'resolved', conflict: { ...conflict, id }, resolution: choice }])
    expect(device.tables().conflicts.size).toBe(0)
    expect(writes).toEqual([true])
    expect(device.findings()).toEqual([])
  })

  it('[CNF-10] is reported to the server where that has filed the conflict, behind those before', async () => {
    const first = refusedBy('OBSERVATION_IMMUTABLE', mine, server)
    const second = { ...first, conflict: { ...first.conflict, conflictId: 'cnf_2' } } as LocalConflict
    const { device, ids, resolve } = await openConflicts(
      [first, parked(mine), quarantined(mine), second],
      known,
    )
    for (const id of ids) await resolve.discard(id)
    expect(device.tables().values.get('resolved')).toEqual([
      { conflictId: 'cnf_1', resolution: 'discard' },
      { conflictId: 'cnf_2', resolution: 'discard' },
    ])
  })
})

it('[ENG-15] a write that is given up makes room for the acknowledged one that the server has lost', async () => {
  const { device, id, resolve } = await openConflicts([parked(mine)], (changeset) => {
    const record = changeset.record('observation', note.observationId)
    changeset.put({ ...record, localOnly: note, acknowledgedAt: NOW - 1 })
  })
  await resolve.discard(id)
  expect([...device.tables().outbox.values()]).toMatchObject([
    { document: note, writtenAt: NOW, offer: true },
  ])
  expect(device.findings()).toEqual([])
})

describe('a patch that lost', () => {
  const waits = [patch(4), patch(5, HEAT)]
  /** Two patches of this device wait behind it. */
  const chain = async (changeset: Changeset) => {
    await known(changeset)
    for (const [i, document] of waits.entries()) {
      const id = document.patchId
      await changeset.load([{ type: 'playbookPatch', id }])
      changeset.enqueue({ type: 'playbookPatch', id, document, writtenAt: 1, since: sequenceKey(10 + i) })
    }
  }
  const bases = ({ outbox }: { outbox: Map<string, { document: object }> }) =>
    [...outbox.values()].map(({ document }) => (document as PlaybookPatch).baseVersion)

  it('[ENG-16] and is given up leaves those behind it on the version that is there, up to what others changed', async () => {
    const { device, id, resolve } = await openConflicts(
      [refusedBy('PLAYBOOK_VERSION_MISMATCH', losing, overlapping())],
      chain,
    )
    await resolve.acceptServer(id)
    expect(bases(device.tables())).toEqual([5, 3])
    expect(device.findings()).toEqual([])
  })

  it('[ENG-16] on this device alone is in nobody’s way', async () => {
    const { device, id, resolve } = await openConflicts(
      [parked(losing, { playbook: rules, resolution: 'rebase' })],
      chain,
    )
    await resolve.discard(id)
    expect(bases(device.tables())).toEqual([5, 6])
  })

  it('[ENG-16] of a playbook that is not here leaves those behind it where it was', async () => {
    const { device, id, resolve } = await openConflicts([parked(losing)], async (changeset) => {
      await chain(changeset)
      changeset.putServer('playbook', rules.playbookId, null)
    })
    await resolve.discard(id)
    expect(bases(device.tables())).toEqual([3, 4])
  })

  it('[ENG-17] and is rebased goes out on the active version under a new id, with those behind it on top', async () => {
    const { device, id, resolve } = await openConflicts(
      [
        refusedBy(
          'PLAYBOOK_VERSION_MISMATCH',
          losing,
          { playbook: { ...overlapping().playbook, intervening: [] } },
          7,
        ),
      ],
      chain,
    )
    await resolve.rebase(id)
    expect(bases(device.tables())).toEqual([5, 6, 7])
    expect([...device.tables().outbox.values()][0]).toEqual({
      type: 'playbookPatch',
      id: 'pch_20260211_9000',
      document: { ...losing, patchId: 'pch_20260211_9000', baseVersion: 5 },
      writtenAt: NOW,
      since: sequenceKey(7),
    })
    expect(device.findings()).toEqual([])
  })

  it('[ENG-16, ENG-17] beside no version is given up or rebased all the same', async () => {
    const unseen = refusedBy('PLAYBOOK_VERSION_MISMATCH', losing)
    const givenUp = await openConflicts([unseen], chain)
    await givenUp.resolve.discard(givenUp.id)
    expect(bases(givenUp.device.tables())).toEqual([5, 6])
    const rebased = await openConflicts([unseen], chain)
    expect(await rebased.resolve.rebase(rebased.id)).toMatchObject({ ok: true })
    expect(bases(rebased.device.tables())).toEqual([5, 6, 7])
  })

  it('[ENG-40] is decided again where the playbook was changed in the same place since', async () => {
    const shown = Playbook.parse(playbook({ version: 4 }))
    const newest = Playbook.parse(playbook({ version: 6 }))
    const rule = newest.rules['rule_pm_moderate' as keyof typeof newest.rules]
    if (rule) rule.constraints.maxWindKph = 14
    const conflict = parked(losing, { playbook: shown, resolution: 'rebase' })
    const { device, id, resolve } = await openConflicts([conflict], async (changeset) => {
      await chain(changeset)
      changeset.putServer('playbook', rules.playbookId, newest)
    })
    expect(await resolve.rebase(id)).toEqual({
      ok: false,
      issues: [
        {
          path: '/operations/0',
          message:
            'was changed again meanwhile: look at the newest version, which the conflict shows now, and decide again',
          code: 'changed_meanwhile',
        },
      ],
    })
    const renewed = { ...conflict, id, playbook: newest }
    expect([...device.tables().conflicts.values()]).toEqual([renewed])
    expect(device.events).toEqual([{ kind: 'conflict', conflict: renewed }])
    expect(bases(device.tables())).toEqual([4, 5])
    expect(await resolve.rebase(id)).toMatchObject({ ok: true })
    expect(bases(device.tables())).toEqual([6, 7, 8])
  })
})
