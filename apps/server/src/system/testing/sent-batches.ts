import { setTimeout as delay } from 'node:timers/promises'

import {
  acceptedBody,
  type Caller,
  device,
  isReplay,
  observation,
  postBatch,
  pullPages,
  recommendation,
  refusal,
  type SeededRandom,
  syncBatch,
  type SyncBatchInput,
} from '@fieldsync/testkit'
import { expect } from 'vitest'

import { followAudit } from './follow-audit.ts'

const MOST_RECORDS = 6
const PAUSE_MS = 50

type Sent = { readonly deviceId: string; readonly batch: SyncBatchInput }

/** Every batch that devices have sent to a server that is killed under them, with the answers they got. */
export class SentBatches {
  readonly #acknowledged = new Map<Sent, string>()
  readonly #unanswered = new Set<Sent>()
  /** When each batch was acknowledged, in that order; milliseconds of this process. */
  readonly answers: { readonly deviceId: string; readonly at: number }[] = []
  #onAcknowledged: (() => void) | undefined
  readonly #failed = Promise.withResolvers<never>()

  constructor() {
    this.#failed.promise.catch(() => undefined)
  }

  get acknowledged(): number {
    return this.#acknowledged.size
  }

  /** The ids of all records that were acknowledged so far. */
  acknowledgedIds(): string[] {
    return [...this.#acknowledged.keys()].flatMap(({ batch }) => recordsOf(batch).map(([id]) => id))
  }

  /** Resolves when `count` more batches are acknowledged than now; rejects when a device gets a wrong answer. */
  more(count: number): Promise<void> {
    const wanted = this.acknowledged + count
    const reached = new Promise<void>((resolve) => {
      this.#onAcknowledged = () => {
        if (this.acknowledged >= wanted) resolve()
      }
    })
    return Promise.race([reached, this.#failed.promise])
  }

  /**
   * Sends one batch after the other as this device, each again for as long as it is answered 503, until `signal` or
   * until the server is gone. An answer that is neither 200 nor a proper 503 fails the test.
   */
  async sendAll(caller: Caller, rng: SeededRandom, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const sent = { deviceId: caller.deviceId, batch: newBatch(caller.deviceId, rng) }
      this.#unanswered.add(sent)
      const text = await textOf200(caller, sent.batch).catch((error: unknown) => {
        if (error instanceof TypeError) return undefined // The connection broke: the outcome is unknown.
        this.#failed.reject(error)
        throw error
      })
      if (text === undefined) return
      this.#finish(sent, text)
    }
  }

  /**
   * Compares what is stored with what was answered: acknowledged batches are stored whole, the others whole or not at
   * all (BAT-1). Sends the latter again, then all of them once more, and checks that each had one effect.
   */
  async expectStored(callers: ReadonlyMap<string, Caller>, auditor: Caller): Promise<void> {
    const before = await storedRecords(auditor)
    for (const { batch } of this.#acknowledged.keys()) {
      for (const [id, record] of recordsOf(batch)) expectEqual(before.get(id), record)
    }
    for (const { batch } of this.#unanswered) {
      const records = recordsOf(batch)
      const found = records.filter(([id]) => before.has(id))
      if (found.length > 0) expectEqual(found, records)
    }
    for (const sent of this.#unanswered) {
      this.#finish(sent, await textOf200(callerOf(callers, sent), sent.batch))
    }
    for (const [sent, text] of this.#acknowledged) {
      const again = await postBatch(callerOf(callers, sent), sent.batch)
      expectEqual({ text: again.text, replay: isReplay(again) }, { text, replay: true })
    }
    const all = [...this.#acknowledged.keys()].flatMap(({ batch }) => recordsOf(batch))
    expectEqual(Object.fromEntries(await storedRecords(auditor)), Object.fromEntries(all))
    const changed = (await followAudit(auditor)).filter(({ action }) => action === 'sync.batch')
    expectEqual(changed.map(({ target }) => String(target?.id)).sort(), all.map(([id]) => id).sort())
  }

  #finish(sent: Sent, text: string): void {
    this.#unanswered.delete(sent)
    this.#acknowledged.set(sent, text)
    this.answers.push({ deviceId: sent.deviceId, at: performance.now() })
    this.#onAcknowledged?.()
  }
}

const expectEqual = (actual: unknown, wanted: unknown) => expect(actual).toEqual(wanted)

function newBatch(deviceId: string, rng: SeededRandom): SyncBatchInput {
  const observations = Array.from({ length: rng.int(1, MOST_RECORDS) }, () => observation({ deviceId }, rng))
  const recommendations = observations.flatMap(({ observationId }) =>
    rng.fraction() < 0.3 ? [recommendation({ observationId }, rng)] : [],
  )
  return syncBatch({ device: device({ deviceId }), observations, recommendations }, rng)
}

async function textOf200(caller: Caller, batch: SyncBatchInput): Promise<string> {
  for (;;) {
    const answer = await postBatch(caller, batch)
    if (answer.status === 503) {
      expect(refusal(answer)).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
      expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
      await delay(PAUSE_MS)
      continue
    }
    const { acceptedCounts, conflicts } = acceptedBody(answer)
    const { observations, recommendations } = batch.upserts
    expect({ acceptedCounts, conflicts }).toMatchObject({
      acceptedCounts: { observations: observations.length, recommendations: recommendations.length },
      conflicts: [],
    })
    return answer.text
  }
}

const recordsOf = ({ upserts }: SyncBatchInput): [string, unknown][] => [
  ...upserts.observations.map((record): [string, unknown] => [record.observationId, record]),
  ...upserts.recommendations.map((record): [string, unknown] => [record.recommendationId, record]),
]

async function storedRecords(caller: Caller): Promise<Map<string, unknown>> {
  const pages = await pullPages(caller, '', 1000)
  const records = pages.flatMap(({ downstream }): [string, unknown][] => [
    ...downstream.observations.map((record): [string, unknown] => [record.observationId, record]),
    ...downstream.recommendations.map((record): [string, unknown] => [record.recommendationId, record]),
  ])
  expect(new Set(records.map(([id]) => id)).size).toBe(records.length)
  return new Map(records)
}

function callerOf(callers: ReadonlyMap<string, Caller>, { deviceId }: Sent): Caller {
  const caller = callers.get(deviceId)
  if (caller === undefined) throw new Error(`no caller ${deviceId}`)
  return caller
}
