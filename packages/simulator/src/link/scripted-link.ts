import type { BatchAnswer, BatchCall, Transport } from '@fieldsync/sync-engine'

import type { ServerAnswer, ServerCall } from '../server-call.ts'
import { received } from './faulty-link.ts'

/**
 * What happens to one call: `pass` · `unsent` it never arrives · `lost` it arrives and the answer does not · an answer of
 * the test's own instead · an answer that is changed on its way.
 */
export type LinkStep =
  | 'pass'
  | 'unsent'
  | 'lost'
  | BatchAnswer
  | ((answer: BatchAnswer, call: BatchCall) => BatchAnswer | Promise<BatchAnswer>)

/** What a link needs of the server at its other end. */
export type LinkedServer = {
  session(token: string | undefined): ServerAnswer
  syncBatch(call: ServerCall): ServerAnswer | Promise<ServerAnswer>
}

/**
 * A way to a server that takes no time and does to each call what a test says: answers in the server's place, and
 * answers that are changed on their way, which a plan of faults for a {@link FaultyLink} cannot say.
 */
export class ScriptedLink implements Transport {
  address = 'https://sync.test'
  readonly calls: BatchCall[] = []
  /** Done to every call that passes, until it is taken away. */
  always: Exclude<LinkStep, string | BatchAnswer> | null = null
  /** Answers in the server's place where it returns something, until it is taken away. */
  instead: ((call: BatchCall) => BatchAnswer | null) | null = null
  /** How often the server was asked who it is. */
  sessions = 0
  /** Answers who the server is in its place where it returns something. */
  sessionInstead: (() => BatchAnswer | null) | null = null
  /** What was said of the wipe of the device, and arrived. */
  readonly acknowledged: number[] = []
  #acknowledgements: ('unsent' | 'lost' | BatchAnswer)[] = []
  /** The server behind it; a test may put another in its place. */
  server: LinkedServer
  readonly #token: () => string
  #script: LinkStep[] = []

  constructor(server: LinkedServer, token: () => string) {
    this.server = server
    this.#token = token
  }

  /** What happens to the next calls, in order. */
  next(...steps: LinkStep[]): void {
    this.#script.push(...steps)
  }

  /** What happens to the next acknowledgements of a wipe, in order; the others arrive. */
  nextAcknowledgement(...steps: ('unsent' | 'lost' | BatchAnswer)[]): void {
    this.#acknowledgements.push(...steps)
  }

  /** What was left of the script is forgotten. */
  clear(): void {
    this.#script = []
  }

  session(): Promise<BatchAnswer> {
    this.sessions++
    return Promise.resolve(this.sessionInstead?.() ?? received(this.server.session(this.#token())))
  }

  acknowledgeWipe({ unsentDeleted }: { unsentDeleted: number }): Promise<BatchAnswer> {
    const step = this.#acknowledgements.shift()
    if (step === 'unsent') return Promise.reject(new Error('no network'))
    if (typeof step === 'object') return Promise.resolve(step)
    this.acknowledged.push(unsentDeleted)
    if (step === 'lost') return Promise.reject(new Error('the connection was cut'))
    const acknowledgedAt = '2026-02-11T18:00:00Z'
    return Promise.resolve({ status: 200, body: JSON.stringify({ acknowledgedAt, unsentDeleted }) })
  }

  async syncBatch(call: BatchCall): Promise<BatchAnswer> {
    this.calls.push(call)
    call.onHandedOver?.()
    const step = this.#script.shift() ?? 'pass'
    if (step === 'unsent') throw new Error('no network')
    if (typeof step === 'object') return step
    const other = this.instead?.(call)
    if (other) return other
    const { idempotencyKey: key, body } = call
    const answer = received(await this.server.syncBatch({ token: this.#token(), key, body }))
    if (step === 'lost') throw new Error('the connection was cut')
    if (typeof step === 'function') return step(answer, call)
    return this.always ? this.always(answer, call) : answer
  }
}
