import type { SyncBatchResponse } from '@fieldsync/contracts'
import type { BatchAnswer, BatchCall, Transport } from '@fieldsync/sync-engine'

import type { WrittenDocument } from '../state/device-copy.ts'
import { contentKeyOf, nameOf } from './content-key.ts'

type Sent = { syncId?: string; upserts: Readonly<Record<string, readonly WrittenDocument[]>> }

/**
 * Looks at what leaves a device, over all its restarts and programs: a batch with records that got no answer goes out
 * again as it was, before any other (ENG-3), unless a pull was answered since (ENG-48); only the one before it, whose answer
 * may not have been applied (ENG-87), may go out once more before it. One call at a time is under way (ENG-18). What was acknowledged once never comes back as an orphan: after a restore it goes out behind its observation
 * (CUR-8).
 */
export class WireWatch {
  readonly findings: string[] = []
  calls = 0
  #unanswered: string | undefined
  /** The batch that was answered last, and its answer. */
  #answered: { body: string; answer: string } | undefined
  readonly #underWay = new Set<() => boolean>()
  /** By its content key, and the observation that it rests on: what follows a rename rests on another (CUR-10). */
  readonly #acknowledged = new Set<string>()

  /** Whether what was acknowledged may come back as an orphan: where it is not waited for long (CUR-8). */
  readonly #allowsOrphans: boolean

  constructor({ allowsOrphans }: { allowsOrphans: boolean }) {
    this.#allowsOrphans = allowsOrphans
  }

  /** @param isHeard whether the program that sends is still there: an answer to a dead one is none */
  watch(transport: Transport, isHeard: () => boolean): Transport {
    return {
      address: transport.address,
      session: (call) => transport.session(call),
      syncBatch: async (call) => {
        this.calls++
        if ([...this.#underWay].some((other) => other !== isHeard && other()))
          this.findings.push('ENG-18: two programs of one device call at the same time')
        this.#underWay.add(isHeard)
        try {
          return await this.#send(transport, call, isHeard)
        } finally {
          this.#underWay.delete(isHeard)
        }
      },
    }
  }

  async #send(transport: Transport, call: BatchCall, isHeard: () => boolean): Promise<BatchAnswer> {
    // What the engine under test sends is read as it is; a body of another form is the server's to refuse.
    const { upserts } = JSON.parse(call.body) as Sent
    const hasRecords = Object.values(upserts).some((records) => records.length > 0)
    if (!hasRecords) return await this.#pull(transport, call, isHeard)
    const isAgain = call.body === this.#answered?.body
    if (this.#unanswered !== undefined && this.#unanswered !== call.body && !isAgain)
      this.findings.push('ENG-3: a batch that got no answer was not sent again as it was')
    if (!isAgain) this.#unanswered = call.body
    const answer = await transport.syncBatch(call)
    if (!isHeard()) return answer
    const whole = wholeAnswer(answer)
    // A refusal says enough by its status, cut or not.
    const isAnswered = answer.status !== 200 || whole !== undefined
    // What was built on another answer to it is given up.
    const isOther = isAgain && isAnswered && this.#answered?.answer !== answer.body
    if (isOther || (isAnswered && this.#unanswered === call.body)) {
      this.#unanswered = undefined
      this.#answered = { body: call.body, answer: answer.body }
    }
    if (whole && !this.#allowsOrphans) this.#outcomes(Object.values(upserts).flat(), whole)
    return answer
  }

  async #pull(transport: Transport, call: BatchCall, isHeard: () => boolean): Promise<BatchAnswer> {
    const answer = await transport.syncBatch(call)
    if (isHeard() && wholeAnswer(answer)) this.#unanswered = undefined
    return answer
  }

  #outcomes(sent: readonly WrittenDocument[], { conflicts }: SyncBatchResponse): void {
    const codes = new Map(conflicts.map(({ entityId, code }) => [entityId, code]))
    for (const document of sent) {
      const code = codes.get(idOf(document))
      const contentKey = `${contentKeyOf(document)} ${'observationId' in document ? document.observationId : ''}`
      if (code === undefined) this.#acknowledged.add(contentKey)
      else if (code === 'RECOMMENDATION_ORPHAN' && this.#acknowledged.has(contentKey))
        this.findings.push(`CUR-8: ${nameOf(document)} was acknowledged, and came back as an orphan`)
    }
  }
}

const idOf = (document: WrittenDocument): string =>
  'patchId' in document ? document.patchId : nameOf(document)

// What the engine under test takes for an answer is looked at as it is.
function wholeAnswer({ status, body }: BatchAnswer): SyncBatchResponse | undefined {
  if (status !== 200) return undefined
  try {
    return JSON.parse(body) as SyncBatchResponse
  } catch {
    return undefined
  }
}
