import { Playbook, PlaybookPatch } from '@fieldsync/contracts'
import { canonicalRecord, canonicalText, combineDigests, recordDigest } from '@fieldsync/domain'
import { altered, playbook, playbookPatch, type PlaybookPatchInput } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { sha256 } from '../core/json-text.ts'
import { caller, decided, DECIDED_AT, STORED_AT, upsertsOf } from '../testing/decided.ts'
import { decidePatches } from './decide-patches.ts'
import { BatchDecisions } from './decision.ts'
import { NOTHING_STORED, workingSetOf } from './working-set.ts'

const ID = 'pbk_yolo_grape'
const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
const active = Playbook.parse(playbook())
const stored = { id: ID, document: canonicalText(active), retired: false, fourEyes: false }

const patch = (value: number, overrides: Partial<PlaybookPatchInput> = {}): PlaybookPatchInput =>
  playbookPatch({
    operations: [{ op: 'replace', path: WIND, value, justification: 'Agreed' }],
    ...overrides,
  })
const textOf = (input: PlaybookPatchInput): string => canonicalText(PlaybookPatch.parse(input))

/** A patch that made version 3, as it is stored. */
const accepted = (input: PlaybookPatchInput) => ({
  id: input.patchId,
  document: textOf(input),
  playbookId: ID,
  oldVersion: 2,
  newVersion: 3,
  receivedAt: STORED_AT,
})

const decide = async (patches: PlaybookPatchInput[], rows: Parameters<typeof decided>[2] = {}) =>
  await decided(caller(), { playbookPatches: patches }, { playbookRows: [stored], ...rows })

const conflictsOf = ({ decisions }: Awaited<ReturnType<typeof decide>>) =>
  decisions.conflicts.map(({ conflict }) => conflict)

describe('a patch that is accepted', () => {
  const sent = patch(9)
  const made = Playbook.parse(
    altered({ ...active, version: 4, updatedAt: DECIDED_AT.toISOString() }, WIND, 9),
  )

  it('[PCH-9, BAT-5] makes the next version, and counts', async () => {
    const { decisions, set } = await decide([sent])
    expect(decisions.accepted).toEqual({ observations: 0, recommendations: 0, playbookPatches: 1 })
    expect(decisions.versions).toEqual([
      { playbookId: ID, version: 4, patchId: sent.patchId, paths: [WIND], text: canonicalText(made) },
    ])
    expect(set.playbooks.get(ID)).toEqual({
      document: made,
      text: canonicalText(made),
      revision: 3,
      changed: true,
      retired: false,
      fourEyes: false,
    })
  })

  it('[AUD-2, AUD-16] has one attempt and one entry, with both versions', async () => {
    const { decisions } = await decide([sent])
    expect(decisions.attempts).toMatchObject([
      { outcome: 'applied', code: null, oldVersion: 3, newVersion: 4 },
    ])
    expect(decisions.changes).toEqual([
      {
        type: 'playbook',
        id: ID,
        kind: 'patch',
        before: sha256(stored.document),
        after: sha256(canonicalText(made)),
        paths: [WIND],
        edit: {
          patch: sent.patchId,
          reason: sent.reason,
          from: 3,
          version: 4,
          places: [{ path: WIND, before: sha256('12'), after: sha256('9') }],
        },
      },
    ])
  })

  it('[HSH-1] takes the place of the earlier version in the state hash', async () => {
    const digest = (document: object) => recordDigest('playbook', ID, canonicalRecord(document), sha256)
    const { decisions } = await decide([sent])
    expect(combineDigests(digest(active), decisions.stateDelta ?? '')).toBe(combineDigests(digest(made)))
  })

  it('[PCH-1, BAT-4, BAT-5] is a duplicate the second time in its batch: it counts, and changes nothing', async () => {
    const { decisions } = await decide([sent, sent])
    expect(decisions.accepted.playbookPatches).toBe(2)
    expect([decisions.versions, decisions.attempts, decisions.changes].map(({ length }) => length)).toEqual([
      1, 1, 1,
    ])
  })

  it('[PCH-1, BAT-5] is a duplicate in a later batch: it counts, and changes nothing', async () => {
    const { decisions } = await decide([sent], { patchRows: [accepted(sent)] })
    expect(decisions.accepted.playbookPatches).toBe(1)
    expect([decisions.versions, decisions.attempts, decisions.changes, decisions.conflicts]).toEqual([
      [],
      [],
      [],
      [],
    ])
    expect(decisions.stateDelta).toBeNull()
  })
})

describe('a patch under an id that another one has', () => {
  const [first, second] = [patch(9), patch(10)]
  const reused = { ...second, patchId: first.patchId }

  it('[PCH-2, CNF-2] is in conflict with that one, as it was stored', async () => {
    expect(conflictsOf(await decide([reused], { patchRows: [accepted(first)] }))).toMatchObject([
      {
        entityType: 'playbookPatch',
        entityId: first.patchId,
        code: 'PATCH_ID_REUSED',
        resolution: 'rename',
        server: { updatedAt: STORED_AT.toISOString(), record: PlaybookPatch.parse(first) },
      },
    ])
  })

  it('[PCH-2, BAT-4] is in conflict with one of its own batch, which the server has received now', async () => {
    const outcome = await decide([first, reused])
    expect(conflictsOf(outcome)).toMatchObject([
      {
        code: 'PATCH_ID_REUSED',
        server: { updatedAt: DECIDED_AT.toISOString(), record: PlaybookPatch.parse(first) },
      },
    ])
    expect(outcome.set.acceptedPatches.get(first.patchId)).toMatchObject({
      document: textOf(first),
      playbookId: ID,
      oldVersion: 3,
      newVersion: 4,
    })
  })
})

describe('a patch that is refused', () => {
  it('[AUD-6, AUD-16, BAT-5] does not count, and has an attempt and an entry with its code', async () => {
    const sent = patch(9, { baseVersion: 2 })
    const { decisions } = await decide([sent])
    expect(decisions.accepted.playbookPatches).toBe(0)
    expect(decisions.attempts).toMatchObject([
      { outcome: 'rejected', code: 'PLAYBOOK_VERSION_MISMATCH', oldVersion: 3, newVersion: null },
    ])
    expect(decisions.changes).toEqual([
      {
        type: 'playbookPatch',
        id: sent.patchId,
        kind: 'refused',
        code: 'PLAYBOOK_VERSION_MISMATCH',
        before: null,
        after: sha256(textOf(sent)),
        paths: [WIND],
        edit: { patch: sent.patchId, reason: sent.reason, from: 3, version: null, places: [] },
      },
    ])
    expect([decisions.versions, decisions.stateDelta]).toEqual([[], null])
  })

  it('[PCH-5] of a playbook that is not there was made on no version', async () => {
    const outcome = await decide([patch(9, { playbookId: 'pbk_unknown' })])
    expect(conflictsOf(outcome)).toMatchObject([{ code: 'PLAYBOOK_UNKNOWN', resolution: 'fix' }])
    expect(outcome.decisions.attempts).toMatchObject([
      { outcome: 'rejected', oldVersion: null, newVersion: null },
    ])
    expect(outcome.decisions.changes).toMatchObject([{ edit: { from: null } }])
  })

  it('[PUB-5, CNF-14] because the playbook is retired says so', async () => {
    const outcome = await decide([patch(9)], { playbookRows: [{ ...stored, retired: true }] })
    expect(conflictsOf(outcome)).toMatchObject([
      { code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED', reason: 'retired' },
    ])
  })

  it('[CNF-9] for another reason than its base is the same conflict when the active version moves on', async () => {
    const sent = patch(9, {
      patchId: 'pch_20260212_01KH7XQ4TNE5GZ3V8W2M6RYB9C',
      requestedAt: '2026-02-12T06:00:00Z',
      requestedByDeviceId: 'dev_other',
    })
    const met = async (version: number) => {
      const document = canonicalText({ ...active, version })
      return conflictsOf(await decide([sent], { playbookRows: [{ ...stored, document }] }))
    }
    const before = await met(3)
    expect(before).toMatchObject([{ code: 'FORBIDDEN', resolution: 'fix' }])
    expect(await met(4)).toEqual(before)
    // The same in every build: a device may send the patch again after an upgrade.
    expect(before[0]?.conflictId).toBe('cnf_a0d16d4ce58e05c30b854edb2ba75b45')
  })
})

describe('where a change takes a second person', () => {
  const rows = { playbookRows: [{ ...stored, fourEyes: true }] }

  it('[PUB-11, CNF-14] a patch is in conflict, and says so', async () => {
    expect(conflictsOf(await decide([patch(9)], rows))).toMatchObject([
      { code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED', reason: 'four_eyes' },
    ])
  })

  it('[PUB-10] a patch of somebody who can propose it is decided as if it did not', async () => {
    const { decisions, set } = await decided(
      { ...caller(), proposes: true },
      { playbookPatches: [patch(9)] },
      { playbookRows: rows.playbookRows },
    )
    expect(decisions.accepted.playbookPatches).toBe(1)
    // By this the caller finds that it has to be proposed.
    expect(set.playbooks.get(ID)?.fourEyes).toBe(true)
  })
})

it('[ERR-17] nothing more is decided once the conflicts of the batch do not fit one answer', () => {
  const decisions = new BatchDecisions()
  const { canonical, asked } = upsertsOf({ playbookPatches: [patch(9)] })
  for (let count = 0; count < 2; count++) decisions.refuse({} as never, 8 * 1024 * 1024)
  const set = workingSetOf({ ...NOTHING_STORED, asked })
  decidePatches(caller(), set, canonical.playbookPatches, decisions)
  expect(decisions.conflicts).toHaveLength(2)
  expect([decisions.attempts, decisions.changes]).toEqual([[], []])
})
