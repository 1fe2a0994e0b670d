import { DeviceId, type Observation, WorkspaceId } from '@fieldsync/contracts'
import { canonicalRecord, type ConflictDecision } from '@fieldsync/domain'
import { observation, playbook, playbookPatch, type PlaybookPatchInput } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { PlannedStore } from '../testing/planned-store.ts'
import {
  BatchDecisions,
  comeInParts,
  type DecideContext,
  reportConflict,
  type ReportedConflict,
} from './decision.ts'

const NOW = new Date('2026-02-12T08:00:00.000Z')
const AGRONOMIST: DecideContext = {
  actor: {
    kind: 'device',
    workspaceId: WorkspaceId.parse('ws_one'),
    deviceId: DeviceId.parse('dev_scout_1'),
    role: 'agronomist',
    epoch: 1,
  },
  requestedAt: '2026-02-12T07:59:00.000Z',
  now: NOW,
}
const store = (): PlannedStore => new PlannedStore(playbook(), NOW)

describe('the conflicts of a batch', () => {
  // What a conflict says is of no matter here, how much it repeats is.
  const any = {} as ReportedConflict
  const MOST = 8 * 1024 * 1024

  it('[ERR-17] fit one answer up to what they may repeat together; one alone always does', () => {
    const decisions = new BatchDecisions()
    expect(decisions.conflictsFit).toBe(true)
    decisions.refuse(any, MOST - 1)
    decisions.refuse(any, 1)
    expect(decisions.conflictsFit).toBe(true)
    decisions.spend(1)
    expect(decisions.conflictsFit).toBe(false)
    const alone = new BatchDecisions()
    alone.refuse(any, 2 * MOST)
    expect(alone.conflictsFit).toBe(true)
    alone.refuse(any, 0)
    expect(alone.conflictsFit).toBe(false)
  })

  it('[ERR-17] that do not are no plan, so that the batch comes in halves', async () => {
    const { extraction, ...base } = observation({ status: 'confirmed' })
    const symptoms = Array.from({ length: 200 }, () => '\u{1f347}'.repeat(500))
    const meets = store()
    await meets.write(AGRONOMIST, { observations: [{ ...base, extraction: { ...extraction, symptoms } }] })
    const before = meets.stateHash
    const edits = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ ...base, extraction, rawNoteText: `${i}` }))
    await expect(meets.write(AGRONOMIST, { observations: edits(50) })).rejects.toThrow('not decided')
    expect(meets.stateHash).toBe(before)
    expect((await meets.write(AGRONOMIST, { observations: edits(25) })).conflicts).toHaveLength(25)
    expect([1, 2, 51, 1000].map((records) => comeInParts(records).details)).toEqual(
      [1, 1, 25, 500].map((maxRecords) => ({ maxRecords })),
    )
    expect(comeInParts(2)).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: expect.stringContaining('split'),
    })
  })
})

describe('a conflict', () => {
  // Two records of a few members: the decision on them was made elsewhere.
  const incoming = canonicalRecord({ observationId: 'obs_1', rawNoteText: 'Mine' } as Observation)
  const stored = canonicalRecord({ observationId: 'obs_1', rawNoteText: 'Theirs' } as Observation)
  const decision: ConflictDecision = {
    kind: 'conflict',
    code: 'OBSERVATION_STALE_WRITE',
    resolution: 'accept_server',
    message: 'Accept it.',
  }
  const report = (of: Partial<ConflictDecision> = {}, winner?: Date | null, against?: string) =>
    reportConflict(
      AGRONOMIST,
      'observation',
      'obs_1',
      incoming,
      { ...decision, ...of },
      winner === undefined ? undefined : { canonical: stored, storedAt: winner },
      against,
    )

  it('[CNF-1] names the record, the code and the resolution, and nothing that there is not', () => {
    const { conflict, incoming: reported } = report()
    expect(conflict).toStrictEqual({
      conflictId: conflict.conflictId,
      entityType: 'observation',
      entityId: 'obs_1',
      code: 'OBSERVATION_STALE_WRITE',
      resolution: 'accept_server',
      message: 'Accept it.',
    })
    expect(reported).toBe(incoming)
  })

  it('[CNF-2] has the record that won and when the server stored it: now, if this batch did', () => {
    const at = new Date('2026-02-12T07:00:00.000Z')
    expect(report({}, at).conflict.server).toEqual({ updatedAt: at.toISOString(), record: stored.record })
    expect(report({}, null).conflict.server?.updatedAt).toBe(NOW.toISOString())
  })

  it('[CNF-7, CNF-14] has the issues of a fix, and a reason where its code has several', () => {
    const issues: ConflictDecision['issues'] = [{ path: '/deviceId', message: 'must be yours' }]
    expect(report({ issues, reason: 'grant' }).conflict).toMatchObject({ issues, reason: 'grant' })
  })

  it('[CNF-9] has the same id in every build, of what collided', () => {
    const now = new Date('2026-02-12T07:00:00.000Z')
    expect(
      [report(), report({}, now), report({}, now, '7')].map(({ conflict }) => conflict.conflictId),
    ).toEqual([
      'cnf_35205af645f01060fe0018f656340b1f',
      'cnf_65083415236ca8c267299bd72f0aa25b',
      'cnf_408a1b3896ee36ad47ca8b4316d48b57',
    ])
  })
})

it('[HSH-1] a batch that changes nothing leaves the state hash as it is', () => {
  expect(new BatchDecisions().stateDelta).toBeNull()
})

describe('a patch on another version', () => {
  const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
  const WINDOW = '/rules/rule_pm_moderate/timing/baseWindowHours'
  const patch = (baseVersion: number, path: string, value: unknown): PlaybookPatchInput =>
    playbookPatch({
      baseVersion,
      operations: [{ op: 'replace', path, value, justification: 'Agreed' } as never],
    })

  /** Which state a refused patch comes with, after those that were accepted. */
  async function rebaseOf(
    meets: PlannedStore,
    refused: PlaybookPatchInput,
    ...accepted: PlaybookPatchInput[]
  ) {
    const { conflicts } = await meets.write(AGRONOMIST, { playbookPatches: [...accepted, refused] })
    expect(conflicts).toMatchObject([{ code: 'PLAYBOOK_VERSION_MISMATCH', resolution: 'rebase' }])
    return conflicts[0]?.playbook
  }

  it('[CNF-3, CNF-4, CNF-5] comes with the active version and what led to it, those of its own batch last', async () => {
    const meets = store()
    const [first, second] = [patch(3, WIND, 9), patch(4, WIND, 10)]
    await meets.write(AGRONOMIST, { playbookPatches: [first] })
    const apart = await rebaseOf(meets, patch(3, `${WINDOW}/endOffsetHours`, 7), second)
    expect(apart).toEqual({
      activeVersion: 5,
      document: JSON.parse(meets.document('pbk_yolo_grape') ?? '') as object,
      intervening: [
        { version: 4, patchId: first.patchId, paths: [WIND] },
        { version: 5, patchId: second.patchId, paths: [WIND] },
      ],
      overlapping: false,
    })
    // Of its own batch only what came after its base intervened, and only in its own playbook.
    const later = await rebaseOf(
      meets,
      patch(6, WIND, 12),
      patch(5, WIND, 11),
      patch(6, WINDOW, { startOffsetHours: 1, endOffsetHours: 5 }),
    )
    expect(later).toMatchObject({ activeVersion: 7, intervening: [{ version: 7 }], overlapping: false })
    expect(await rebaseOf(meets, patch(4, WIND, 8))).toMatchObject({ overlapping: true })
  })

  it('[CNF-5] whose base the same batch has made does not overlap: nothing came after it', async () => {
    const { conflicts } = await store().write(AGRONOMIST, {
      playbookPatches: [patch(4, WIND, 8), patch(3, WIND, 9)],
    })
    expect(conflicts).toMatchObject([{ playbook: { activeVersion: 4, intervening: [], overlapping: false } }])
  })

  it('[CNF-6] that is ahead of the active one overlaps, although nothing is known to have intervened', async () => {
    expect(await rebaseOf(store(), patch(9, WIND, 8))).toMatchObject({
      activeVersion: 3,
      intervening: [],
      overlapping: true,
    })
  })

  it('[CNF-4] names the first hundred versions in between; with more it overlaps', async () => {
    for (const [count, overlapping] of [
      [100, false],
      [101, true],
    ] as const) {
      const meets = store()
      for (let version = 3; version < 3 + count; version++)
        meets.versions.push({
          playbook: 'pbk_yolo_grape',
          version,
          patchId: null,
          paths: [WINDOW],
          document: {},
        })
      const state = await rebaseOf(meets, patch(2, WIND, 8))
      expect(state?.intervening).toHaveLength(100)
      expect(state?.intervening.at(-1)).toEqual({ version: 102, patchId: null, paths: [WINDOW] })
      expect([count, state?.overlapping]).toEqual([count, overlapping])
    }
  })

  it('[CNF-9] is the same conflict until the active version moves on; any other refusal stays the same', async () => {
    const meets = store()
    const idOf = async (each: PlaybookPatchInput) =>
      (await meets.write(AGRONOMIST, { playbookPatches: [each] })).conflicts[0]?.conflictId
    const [old, forbidden] = [patch(2, WIND, 8), playbookPatch({ playbookId: 'pbk_unknown' })]
    const ids = [await idOf(old), await idOf(old), await idOf(forbidden)]
    expect(ids[1]).toBe(ids[0])
    await meets.write(AGRONOMIST, { playbookPatches: [patch(3, WIND, 8)] })
    expect(await idOf(old)).not.toBe(ids[0])
    expect(await idOf(forbidden)).toBe(ids[2])
  })
})
