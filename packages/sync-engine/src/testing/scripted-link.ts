import type { Actor } from '@fieldsync/domain'

import type { BatchAnswer, BatchCall, Transport } from '../core/ports.ts'
import type { RuleServer } from './rule-server.ts'

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

/** The way to a server that does to each call what a test says, and passes when nothing is said. */
export class ScriptedLink implements Transport {
  readonly calls: BatchCall[] = []
  /** Done to every call that passes, until it is taken away. */
  always: Exclude<LinkStep, string | BatchAnswer> | null = null
  /** Answers in the server's place where it returns something, until it is taken away. */
  instead: ((call: BatchCall) => BatchAnswer | null) | null = null
  /** The server behind it; a test may put another in its place. */
  server: RuleServer
  readonly #actor: () => Actor
  #script: LinkStep[] = []

  constructor(server: RuleServer, actor: () => Actor) {
    this.server = server
    this.#actor = actor
  }

  /** What happens to the next calls, in order. */
  next(...steps: LinkStep[]): void {
    this.#script.push(...steps)
  }

  /** What was left of the script is forgotten. */
  clear(): void {
    this.#script = []
  }

  address = 'https://sync.test'
  /** How often the server was asked who it is. */
  sessions = 0
  /** Answers who the server is in its place where it returns something. */
  sessionInstead: (() => BatchAnswer | null) | null = null

  session(): Promise<BatchAnswer> {
    this.sessions++
    return Promise.resolve(this.sessionInstead?.() ?? this.server.session(this.#actor()))
  }

  async syncBatch(call: BatchCall): Promise<BatchAnswer> {
    this.calls.push(call)
    const step = this.#script.shift() ?? 'pass'
    if (step === 'unsent') throw new Error('no network')
    if (typeof step === 'object') return step
    const other = this.instead?.(call)
    if (other) return other
    const answer = this.server.answer(this.#actor(), call.idempotencyKey, call.body)
    if (step === 'lost') throw new Error('the connection was cut')
    if (typeof step === 'function') return step(answer, call)
    return this.always ? this.always(answer, call) : answer
  }
}
