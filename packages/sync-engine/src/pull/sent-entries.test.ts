import {
  Observation,
  PlaybookPatch,
  Recommendation,
  type SyncBatchResponse,
  SyncId,
} from '@fieldsync/contracts'
import { observation, playbookPatch, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { Call } from '../core/in-flight-batch.ts'
import type { QueuedEntry } from '../core/local-record.ts'
import { nameOf } from '../testing/documents.ts'
import { rawRecords, sentEntries } from './sent-entries.ts'

const random = seededRandom(61)
const plain = Observation.parse(observation({}, random))
const note: Observation = { ...plain, notObserved: ['/extraction/crop'] }
const advice = Recommendation.parse(recommendation({}, random))
const patch = PlaybookPatch.parse(playbookPatch({}, random))
const documents = [plain, note, advice, patch]
const queued: QueuedEntry[] = documents.map((document, i) => ({
  key: `${i}`,
  entry: { ...nameOf(document), document, writtenAt: 0 },
}))

/** A call with all of them, whose body has these observations. */
const callOf = (observations: object[], altered?: string[]): Call => ({
  syncId: SyncId.parse('syn_1'),
  body: JSON.stringify({
    upserts: { observations, recommendations: [{ ...advice, soil: 1 }], playbookPatches: [patch] },
  }),
  entries: queued.map(({ key, entry: { type, id } }) => ({ key, type, id })),
  cursor: '',
  reported: { resolved: 0, drift: false },
  ...(altered && { altered }),
})

describe('what was sent of a write', () => {
  it('[HSH-4] is what was written where nothing says otherwise, whatever the body holds', () => {
    const sent = sentEntries(callOf([{}, {}]), queued)
    expect(sent).toEqual(
      queued.map((each) => ({ ...each, known: each.entry.document, sent: each.entry.document })),
    )
  })

  it('[HSH-4, ENG-32] is what the stored body has of it, at its place among those of its type', () => {
    const { notObserved: _left, ...out } = note
    const [first, second, third, fourth] = sentEntries(callOf([{}, out], ['1', '2', '3']), queued)
    expect(first).toMatchObject({ known: plain, sent: plain })
    expect(second).toEqual({ ...queued[1], known: out, sent: out })
    // What was added is sent, and is nothing that this build knows.
    expect(third).toEqual({ ...queued[2], known: advice, sent: { ...advice, soil: 1 } })
    expect(fourth).toEqual({ ...queued[3], known: patch, sent: patch })
  })

  it('[HSH-4] is what was written where the body does not have it', () => {
    const [, second] = sentEntries(callOf([{}], ['1']), queued)
    expect(second).toEqual({ ...queued[1], known: note, sent: note })
  })

  it('[HSH-4] is said of the entries that are still queued alone', () => {
    expect(sentEntries(callOf([{}, {}]), queued.slice(0, 1))).toHaveLength(1)
  })
})

describe('an answer as it came', () => {
  it('[HSH-1] has its records with what a newer server adds, and of conflicts what won', () => {
    const answer = {
      downstream: { observations: [{ a: 1 }], recommendations: [{ b: 1 }], playbooks: [{ c: 1 }] },
      conflicts: [{ server: { record: { d: 1 } }, playbook: { document: { e: 1 } } }, {}],
    } as unknown as SyncBatchResponse
    expect(rawRecords(answer)).toEqual({
      observations: [{ a: 1 }],
      recommendations: [{ b: 1 }],
      playbooks: [{ c: 1 }],
      conflicts: [
        { winner: { d: 1 }, playbook: { e: 1 } },
        { winner: undefined, playbook: undefined },
      ],
    })
    const bare = {
      downstream: { observations: [], recommendations: [] },
      conflicts: [],
    } as unknown as SyncBatchResponse
    expect(rawRecords(bare)).toMatchObject({ playbooks: [] })
  })
})
