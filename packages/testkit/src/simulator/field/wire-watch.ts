import type { BatchAnswer, BatchCall, Transport } from '@fieldsync/sync-engine'

type Sent = { syncId?: string; upserts: Readonly<Record<string, readonly unknown[]>> }

/**
 * Looks at what leaves a device, over all its restarts and programs: a batch with records that got no answer goes out
 * again as it was, before any other (ENG-3), unless a pull was answered since (ENG-48), and one call at a time is under way
 * (ENG-18).
 */
export class WireWatch {
  readonly findings: string[] = []
  calls = 0
  #unanswered: string | undefined
  readonly #underWay = new Set<() => boolean>()

  /** @param isHeard whether the program that sends is still there: an answer to a dead one is none */
  watch(transport: Transport, isHeard: () => boolean): Transport {
    return {
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
    if (this.#unanswered !== undefined && this.#unanswered !== call.body)
      this.findings.push('ENG-3: a batch that got no answer was not sent again as it was')
    this.#unanswered = call.body
    const answer = await transport.syncBatch(call)
    if (isAnswered(isHeard, answer) && this.#unanswered === call.body) this.#unanswered = undefined
    return answer
  }

  async #pull(transport: Transport, call: BatchCall, isHeard: () => boolean): Promise<BatchAnswer> {
    const answer = await transport.syncBatch(call)
    if (answer.status === 200 && isAnswered(isHeard, answer)) this.#unanswered = undefined
    return answer
  }
}

const isAnswered = (isHeard: () => boolean, { status, body }: BatchAnswer): boolean =>
  // A refusal says enough by its status, cut or not.
  isHeard() && (status !== 200 || isWhole(body))

function isWhole(body: string): boolean {
  try {
    JSON.parse(body)
    return true
  } catch {
    return false
  }
}
