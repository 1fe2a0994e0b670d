import { DeviceId, type SyncConflict, WorkspaceId } from '@fieldsync/contracts'
import { canonicalText, type Role } from '@fieldsync/domain'
import {
  observation,
  type ObservationInput,
  playbook,
  playbookPatch,
  type PlaybookPatchInput,
  recommendation,
  type RecommendationInput,
  type SeededRandom,
  seededRandom,
  seededRuns,
  type SyncBatchOverrides,
} from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { sha256 } from '../core/json-text.ts'
import { PlannedStore } from '../testing/planned-store.ts'
import type { DecideContext } from './decision.ts'

const NOW = new Date('2026-02-12T08:00:00.000Z')
const STORED_AT = new Date('2026-02-12T07:00:00.000Z')
const starter = playbook()

const context = (deviceId: string, role: Role): DecideContext => ({
  actor: {
    kind: 'device',
    workspaceId: WorkspaceId.parse('ws_one'),
    deviceId: DeviceId.parse(deviceId),
    role,
    epoch: 1,
  },
  requestedAt: '2026-02-12T07:59:00.000Z',
  now: NOW,
})
const SCOUT = context('dev_scout_1', 'scout')
const CALLERS = [SCOUT, context('dev_scout_2', 'scout'), context('dev_agro_1', 'agronomist')] as const

type Records = {
  observations: ObservationInput[]
  recommendations: RecommendationInput[]
  playbookPatches: PlaybookPatchInput[]
}

/** Batches of few records that meet each other often. */
class Batches {
  readonly #random: SeededRandom
  readonly #observations: [ObservationInput, ...ObservationInput[]]
  readonly #recommendations: [RecommendationInput, ...RecommendationInput[]]
  readonly #patches: [PlaybookPatchInput, ...PlaybookPatchInput[]]

  constructor(random: SeededRandom) {
    this.#random = random
    const [one, two] = [observation({}, random), observation({ deviceId: 'dev_scout_2' }, random)]
    this.#observations = [one, two]
    this.#recommendations = [
      recommendation({ observationId: one.observationId }, random),
      recommendation({ observationId: two.observationId }, random),
      recommendation({}, random),
    ]
    this.#patches = [playbookPatch({}, random), playbookPatch({}, random)]
  }

  next(): Records {
    const few = <T>(make: () => T): T[] => Array.from({ length: this.#random.int(0, 4) }, make)
    return {
      observations: few(() => this.#observation()),
      recommendations: few(() => this.#recommendation()),
      playbookPatches: few(() => this.#patch()),
    }
  }

  #pick<T>(items: readonly [T, ...T[]]): T {
    return this.#random.pick(items)
  }

  #observation(): ObservationInput {
    const base = this.#pick(this.#observations)
    const deterministicChecksum = this.#pick(['sha256:aaaaaaaa', 'sha256:bbbbbbbb', 'sha256:cccccccc'])
    const correctionId = this.#pick(['cor_1', 'cor_2'])
    return observation({
      ...base,
      status: this.#pick(['draft', 'draft', 'confirmed', 'logged']),
      rawNoteText: this.#pick(['Leaves curl', 'Powder on “Cabernet”', 'Nothing yet']),
      deterministicChecksum,
      updatedAt: this.#pick(['2026-02-12T06:00:00Z', '2026-02-12T06:30:00Z', undefined]),
      correction: this.#pick([
        undefined,
        {
          correctionId,
          reason: 'Looked again',
          correctedAt: '2026-02-12T06:00:00Z',
          supersedes: this.#pick(['sha256:aaaaaaaa', 'sha256:bbbbbbbb']),
        },
      ]),
    })
  }

  #recommendation(): RecommendationInput {
    return recommendation({
      ...this.#pick(this.#recommendations),
      status: this.#pick(['pending_confirmation', 'pending_confirmation', 'confirmed']),
      action: this.#pick(['Spray sulfur', 'Wait a day']),
      updatedAt: this.#pick(['2026-02-12T06:00:00Z', '2026-02-12T06:30:00Z', undefined]),
    })
  }

  #patch(): PlaybookPatchInput {
    const base = this.#pick(this.#patches)
    const path = this.#pick([
      '/rules/rule_pm_moderate/constraints/maxWindKph',
      '/rules/rule_pm_moderate/constraints/maxWindKph',
      '/crop',
    ])
    return {
      ...base,
      patchId: this.#pick([base.patchId, playbookPatch({}, this.#random).patchId]),
      playbookId: this.#pick([base.playbookId, base.playbookId, base.playbookId, 'pbk_unknown']),
      requestedByDeviceId: this.#pick(['dev_agro_1', 'dev_agro_1', 'dev_scout_1']),
      baseVersion: this.#random.int(3, 6),
      operations: [{ op: 'replace', path, value: this.#random.int(6, 9), justification: 'Agreed' }],
    }
  }
}

const stateOf = ({ records, corrections, versions, patches, queue, stateHash }: PlannedStore) => ({
  records,
  corrections,
  versions,
  patches,
  queue,
  stateHash,
})

const withoutPlaybook = (conflict: SyncConflict) => ({ ...conflict, playbook: undefined })

const alone = ({ observations, recommendations, playbookPatches }: Records): SyncBatchOverrides[] => [
  ...observations.map((record) => ({ observations: [record] })),
  ...recommendations.map((record) => ({ recommendations: [record] })),
  ...playbookPatches.map((record) => ({ playbookPatches: [record] })),
]

describe('records that are decided', () => {
  it('[BAT-2, BAT-3, BAT-4, BAT-7, DWN-4, CNF-9] become in one batch what they become in one batch each', async () => {
    const { seed, numRuns } = seededRuns(20)
    const codes = new Set<string>()
    for (let run = 0; run < numRuns; run++) {
      const random = seededRandom(seed + run)
      const batches = new Batches(random)
      // Both stored at the server's own time, so that a winner of this batch shows the time that a stored one does.
      const [together, apart] = [new PlannedStore(starter, NOW), new PlannedStore(starter, NOW)]
      for (let each = 0; each < 4; each++) {
        const caller = random.pick([...CALLERS])
        const records = batches.next()
        const whole = await together.write(caller, records)
        const parts = []
        for (const one of alone(records)) parts.push(await apart.write(caller, one))
        const conflicts = parts.flatMap((part) => part.conflicts)
        expect({ ...whole, conflicts: whole.conflicts.map(withoutPlaybook) }, `run ${seed + run}`).toEqual({
          accepted: parts.reduce((sum, { accepted }) => sum + accepted, 0),
          conflicts: conflicts.map(withoutPlaybook),
          changes: parts.flatMap(({ changes }) => changes),
        })
        expect(stateOf(together), `run ${seed + run}`).toEqual(stateOf(apart))
        for (const { code, playbook: active } of whole.conflicts) {
          codes.add(code)
          // A patch is rebased on the playbook as the whole batch left it.
          if (active) expect(canonicalText(active.document)).toBe(together.document(starter.playbookId))
        }
      }
    }
    // The scripts meet most of what they are for.
    expect(codes.size).toBeGreaterThan(8)
  })

  it('[BAT-3, BAT-5, AUD-4, GUA-8, HSH-1] are stored as they came and audited with both hashes, or leave all as it was', async () => {
    const { seed, numRuns } = seededRuns(20)
    for (let run = 0; run < numRuns; run++) {
      const random = seededRandom(seed + run)
      const batches = new Batches(random)
      const store = new PlannedStore(starter, STORED_AT)
      for (const record of Array.from({ length: 4 }, () => alone(batches.next())).flat()) {
        const [sent] = [...(record.observations ?? []), ...(record.recommendations ?? [])]
        const id = String(sent && ('recommendationId' in sent ? sent.recommendationId : sent.observationId))
        const before = { records: store.records, document: store.document(id) }
        const { accepted, conflicts, changes } = await store.write(random.pick([...CALLERS]), record)
        expect(accepted + conflicts.length).toBe(1)
        expect(store.stateHash).toBe(store.hashed)
        if (conflicts.length > 0) {
          expect(store.records).toEqual(before.records)
          for (const { server } of conflicts)
            if (server) expect(server.updatedAt).toBe(STORED_AT.toISOString())
        }
        if (sent === undefined) continue
        const after = store.document(id) ?? ''
        const [change] = changes
        if (change === undefined) expect(store.document(id)).toBe(before.document)
        else {
          expect(JSON.parse(after)).toEqual(sent)
          expect(change).toMatchObject({
            id,
            before: before.document === undefined ? null : sha256(before.document),
            after: sha256(after),
          })
        }
      }
    }
  })
})
