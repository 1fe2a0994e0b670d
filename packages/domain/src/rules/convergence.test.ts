import { type Observation, OBSERVATION_STATUSES, type Recommendation } from '@fieldsync/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type CanonicalRecord, canonicalRecord } from '../canonical.ts'
import { CONFLICT_TABLE } from '../conflict-resolution.ts'
import { ACTORS } from '../testing/actors.ts'
import { checksum, correction, observation, storedObservation } from '../testing/observation-samples.ts'
import { recommendation, storedRecommendation } from '../testing/recommendation-samples.ts'
import { sha256 } from '../testing/sha256.ts'
import type { Decision } from './decision.ts'
import { decideObservation, type StoredObservation } from './observation.ts'
import { decideRecommendation, type StoredRecommendation } from './recommendation.ts'

// Small pools, so that equal times, equal checksums and equal contents are frequent.
const updatedAt = fc.constantFrom(
  '2026-02-11T19:00:00Z',
  '2026-02-11T11:00:00.000000-08:00',
  '2026-02-11T19:00:00.000001Z',
  '2026-02-11T20:00:00Z',
)
const sum = fc.constantFrom(checksum('a'), checksum('b'), checksum('B'), checksum('c'))
const rawNoteText = fc.constantFrom('One', 'Two', 'Three')
const draft = fc.record({ updatedAt, deterministicChecksum: sum, rawNoteText })
const correctionMaybe = fc.option(
  fc
    .record({ id: fc.constantFrom('cor_1', 'cor_2', 'cor_3'), supersedes: sum })
    .map(({ id, supersedes }) => ({
      correction: correction(id, supersedes),
    })),
)
const anyWrite = fc
  .tuple(
    draft,
    fc.constantFrom(...OBSERVATION_STATUSES),
    fc.constantFrom('dev_author', 'dev_author', 'dev_author', 'dev_other'),
    correctionMaybe,
    fc.constantFrom('author', 'author', 'otherScout', 'agronomist', 'admin', 'grantedService'),
  )
  .map(([edit, status, deviceId, corrected, by]) => ({
    incoming: canonicalRecord(observation({ ...edit, status, deviceId, ...corrected })),
    actor: ACTORS[by as keyof typeof ACTORS],
  }))

const timeOf = (record: Observation): number => storedObservation(record).timeMicros

function decide(
  current: StoredObservation | undefined,
  incoming: CanonicalRecord<Observation>,
  actor = ACTORS.author,
) {
  return decideObservation({ actor, current, incoming, timeMicros: timeOf(incoming.record), sha256 })
}

/** What a server stores after applying a decision. */
function converge(
  current: StoredObservation | undefined,
  incoming: CanonicalRecord<Observation>,
  decision: Decision,
): StoredObservation | undefined {
  const timeMicros = timeOf(incoming.record)
  if (decision.kind === 'conflict') return current
  if (decision.kind === 'duplicate')
    return current && decision.moveTime ? { ...current, timeMicros } : current
  const corrections = new Map(current?.corrections)
  if (decision.newCorrection && incoming.record.correction) {
    corrections.set(incoming.record.correction.correctionId, sha256(incoming.contentText))
  }
  return { canonical: incoming, timeMicros, corrections }
}

const afterAll = (writes: readonly CanonicalRecord<Observation>[]): StoredObservation | undefined =>
  writes.reduce<StoredObservation | undefined>(
    (held, write) => converge(held, write, decide(held, write)),
    undefined,
  )

describe('observations under any sequence of writes', () => {
  it('[GUA-2, OBS-3] an accepted record is a duplicate when it is sent again at once', () => {
    fc.assert(
      fc.property(fc.array(anyWrite, { minLength: 1, maxLength: 12 }), (writes) => {
        let held: StoredObservation | undefined
        for (const { incoming, actor } of writes) {
          const decision = decide(held, incoming, actor)
          held = converge(held, incoming, decision)
          const again = decide(held, incoming, actor)
          expect(again).toEqual(
            decision.kind === 'conflict' ? decision : { kind: 'duplicate', moveTime: false },
          )
        }
      }),
    )
  })

  it('[GUA-5, OBS-8, OBS-9, OBS-10] status moves forward and confirmed content changes only by a correction', () => {
    fc.assert(
      fc.property(fc.array(anyWrite, { minLength: 1, maxLength: 12 }), (writes) => {
        let held: StoredObservation | undefined
        for (const { incoming, actor } of writes) {
          const decision = decide(held, incoming, actor)
          const next = converge(held, incoming, decision)
          if (held && next) expectLawful(held, next, decision)
          held = next
        }
      }),
    )
  })

  it('[CNF-1, CNF-7] every conflict is a pair of the table, with issues exactly for a fix', () => {
    fc.assert(
      fc.property(fc.array(anyWrite, { minLength: 1, maxLength: 8 }), (writes) => {
        let held: StoredObservation | undefined
        for (const { incoming, actor } of writes) {
          const decision = decide(held, incoming, actor)
          if (decision.kind === 'conflict') {
            const row = CONFLICT_TABLE[decision.code]
            expect(row.entityTypes).toContain('observation')
            expect(row.resolutions).toContain(decision.resolution)
            expect(decision.issues !== undefined).toBe(decision.resolution === 'fix')
          }
          held = converge(held, incoming, decision)
        }
      }),
    )
  })

  it("[OBS-6, OBS-7, OBS-21, OBS-22] an author's draft writes end the same in every order", () => {
    const shuffled = fc
      .array(draft, { minLength: 1, maxLength: 7 })
      .map((edits) => edits.map((edit) => canonicalRecord(observation(edit))))
      .chain((writes) => fc.tuple(fc.constant(writes), permutationOf(writes)))
    fc.assert(
      fc.property(shuffled, ([writes, reordered]) => {
        const [one, other] = [afterAll(writes), afterAll(reordered)]
        expect(one?.canonical.contentText).toBe(other?.canonical.contentText)
        expect(one?.timeMicros).toBe(other?.timeMicros)
      }),
      { numRuns: 500 },
    )
  })

  it('[OBS-20, OBS-21] two writes of one time end the same in both orders, also when one of them confirms', () => {
    const two = fc.tuple(draft, draft, fc.constantFrom(...OBSERVATION_STATUSES))
    fc.assert(
      fc.property(two, ([first, second, status]) => {
        const same = { updatedAt: first.updatedAt }
        const a = canonicalRecord(observation(first))
        const b = canonicalRecord(
          observation({
            ...second,
            ...same,
            rawNoteText: first.rawNoteText,
            status,
            deterministicChecksum: first.deterministicChecksum,
          }),
        )
        expect(afterAll([a, b])?.canonical.record.status).toBe(afterAll([b, a])?.canonical.record.status)
      }),
    )
  })
})

function expectLawful(before: StoredObservation, after: StoredObservation, decision: Decision): void {
  const [was, is] = [before.canonical.record, after.canonical.record]
  expect(OBSERVATION_STATUSES.indexOf(is.status)).toBeGreaterThanOrEqual(
    OBSERVATION_STATUSES.indexOf(was.status),
  )
  expect(is.deviceId).toBe(was.deviceId)
  if (was.status === 'draft') {
    expect(after.timeMicros).toBeGreaterThanOrEqual(before.timeMicros)
  } else if (before.canonical.contentText !== after.canonical.contentText) {
    expect(decision).toEqual({ kind: 'accept', change: 'correct', newCorrection: true })
    expect(is.correction?.supersedes.toLowerCase()).toBe(was.deterministicChecksum.toLowerCase())
    expect(after.corrections.size).toBe(before.corrections.size + 1)
  }
}

const permutationOf = <T>(items: T[]) => fc.shuffledSubarray(items, { minLength: items.length })

describe('recommendations under any sequence of writes', () => {
  const write = fc.record({ updatedAt, action: fc.constantFrom('Spray', 'Wait', 'Irrigate') })
  const decideOne = (current: StoredRecommendation | undefined, incoming: CanonicalRecord<Recommendation>) =>
    decideRecommendation({
      actor: ACTORS.author,
      current,
      observationAuthor: ACTORS.author.deviceId,
      incoming,
      timeMicros: storedRecommendation(incoming.record).timeMicros,
      sha256,
    })
  const take = (held: StoredRecommendation | undefined, incoming: CanonicalRecord<Recommendation>) => {
    const decision = decideOne(held, incoming)
    const { timeMicros } = storedRecommendation(incoming.record)
    if (decision.kind === 'accept') return { canonical: incoming, timeMicros }
    return held && decision.kind === 'duplicate' && decision.moveTime ? { ...held, timeMicros } : held
  }
  const takeAll = (writes: readonly CanonicalRecord<Recommendation>[]) =>
    writes.reduce<StoredRecommendation | undefined>(take, undefined)

  it('[REC-6, REC-7, REC-9, REC-10] pending writes end the same in every order', () => {
    const shuffled = fc
      .array(write, { minLength: 1, maxLength: 7 })
      .map((edits) => edits.map((edit) => canonicalRecord(recommendation(edit))))
      .chain((writes) => fc.tuple(fc.constant(writes), permutationOf(writes)))
    fc.assert(
      fc.property(shuffled, ([writes, reordered]) => {
        const [one, other] = [takeAll(writes), takeAll(reordered)]
        expect(one?.canonical.contentText).toBe(other?.canonical.contentText)
        expect(one?.timeMicros).toBe(other?.timeMicros)
      }),
      { numRuns: 300 },
    )
  })

  it('[GUA-2, REC-4, REC-8] what was accepted is a duplicate at once, and a decided one never changes', () => {
    const status = fc.constantFrom('pending_confirmation', 'confirmed', 'rejected')
    const writes = fc.array(fc.tuple(write, status), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(writes, (edits) => {
        let held: StoredRecommendation | undefined
        for (const [edit, to] of edits) {
          const incoming = canonicalRecord(recommendation({ ...edit, status: to }))
          const before = held
          const decision = decideOne(held, incoming)
          held = take(held, incoming)
          if (decision.kind !== 'conflict') {
            expect(decideOne(held, incoming)).toEqual({ kind: 'duplicate', moveTime: false })
          }
          if (before && before.canonical.record.status !== 'pending_confirmation') expect(held).toBe(before)
        }
      }),
    )
  })
})
