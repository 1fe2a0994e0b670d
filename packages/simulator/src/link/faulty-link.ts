import { CONTRACT_HEADER } from '@fieldsync/contracts'
import type { BatchAnswer, BatchCall, Clock, Transport } from '@fieldsync/sync-engine'

import {
  bareRejection,
  refusalAnswer,
  refusedCredential,
  type ServerAnswer,
  type ServerCall,
} from '../server-call.ts'
import type { LinkFault, RefusedByLink } from './link-fault.ts'

export type FaultyLinkOptions = {
  readonly clock: Clock
  /** The server at the other end; one that throws {@link NoAnswer} gives none. */
  readonly server: (call: ServerCall) => ServerAnswer | Promise<ServerAnswer>
  /** What it says of itself; no fault befalls that. A server that announces nothing unless given. */
  readonly session?: (token: string | undefined) => ServerAnswer
  /** The token that goes with a call, asked for at each. */
  readonly token: () => string | undefined
  /** What goes wrong with the next call; undefined where nothing does. */
  readonly nextFault: () => LinkFault | undefined
  /** One way, in milliseconds. */
  readonly latency: number
  /** How long a call is waited for, in milliseconds. */
  readonly timeout: number
  /** What goes through in a second, each way; without, time does not hang on length. */
  readonly bytesPerSecond?: () => number
}

/** A device's way to a server, on a virtual clock: it does to each call what the faults say, and nothing else. */
export class FaultyLink implements Transport {
  readonly #options: FaultyLinkOptions
  #refusals = 0

  constructor(options: FaultyLinkOptions) {
    this.#options = options
  }

  readonly address = 'https://simulated.test'

  session(): Promise<BatchAnswer> {
    const { session, token } = this.#options
    return Promise.resolve(received(session?.(token()) ?? UNANNOUNCED))
  }

  syncBatch({ idempotencyKey, body, onHandedOver, signal }: BatchCall): Promise<BatchAnswer> {
    const { clock, latency, timeout, token, nextFault } = this.#options
    const fault = nextFault()
    const call = { token: token(), key: idempotencyKey, body }
    const { promise, resolve, reject } = Promise.withResolvers<BatchAnswer>()
    if (signal.aborted) return Promise.reject(new Error('aborted'))
    const late = clock.after(timeout, () => reject(new LinkFailure('no answer in time', { kind: 'timeout' })))
    signal.addEventListener('abort', () => {
      late()
      reject(new Error('aborted'))
    })
    const delay = fault?.kind === 'delayed' ? fault : { request: 0, answer: 0 }
    const deliver = (answer: ServerAnswer) =>
      clock.after(latency + delay.answer + this.#transferTime(answer.body), () => {
        late()
        resolve(received(answer, fault))
      })
    if (fault?.kind === 'redirected') {
      clock.after(latency, () => {
        late()
        reject(new LinkFailure('the address redirects', { kind: 'redirected', address: REDIRECTED_TO }))
      })
      return promise
    }
    onHandedOver?.()
    const there = latency + delay.request + this.#transferTime(body)
    clock.after(there, () => this.#arrive(call, fault, deliver))
    return promise
  }

  #transferTime(body: string): number {
    const rate = this.#options.bytesPerSecond?.() ?? Infinity
    return Math.ceil((Buffer.byteLength(body) / rate) * 1000)
  }

  /** The call, or what became of it, comes out at the other end. */
  #arrive(call: ServerCall, fault: LinkFault | undefined, deliver: (answer: ServerAnswer) => void): void {
    const { clock } = this.#options
    if (fault?.kind === 'lost_request') return
    if (fault?.kind === 'refused') {
      deliver(this.#refuse(fault))
      return
    }
    if (fault?.kind === 'intercepted') {
      deliver(bareRejection(fault.status))
      return
    }
    if (fault?.kind === 'duplicated') clock.after(fault.later, () => void this.#serve(call, () => undefined))
    void this.#serve(call, fault?.kind === 'lost_answer' ? () => undefined : deliver)
  }

  async #serve(call: ServerCall, deliver: (answer: ServerAnswer) => void): Promise<void> {
    try {
      deliver(await this.#options.server(call))
    } catch (error) {
      // Anything else is a mistake in the server, and must not look like a bad network.
      if (!(error instanceof NoAnswer)) throw error
    }
  }

  #refuse({ code, retryAfterSeconds }: RefusedByLink): ServerAnswer {
    const refused = code === 'AUTH_REQUIRED' ? refusedCredential('expired') : { code }
    return refusalAnswer(
      { ...refused, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) },
      this.#options.clock.now(),
      ++this.#refusals,
    )
  }
}

/** What a call over a link ends in that got no answer, as an engine's transport says it. */
class LinkFailure extends Error {
  readonly kind: 'timeout' | 'redirected'
  readonly address: string | null

  constructor(
    message: string,
    { kind, address = null }: { kind: LinkFailure['kind']; address?: string | null },
  ) {
    super(message)
    this.kind = kind
    this.address = address
  }
}

export const REDIRECTED_TO = 'https://moved.example'

/** Of a server from before sessions: the rules of a device alone are in force. */
const UNANNOUNCED: ServerAnswer = refusalAnswer({ code: 'NOT_FOUND' }, 0, 0)

/** A server's answer as it comes to a device, behind what happened to it on the way. */
export function received({ status, headers, body }: ServerAnswer, fault?: LinkFault): BatchAnswer {
  const share = fault?.kind === 'truncated' ? fault.share : 1
  const retryAfter = headers['retry-after']
  const contract = headers[CONTRACT_HEADER]
  return {
    status,
    body: body.slice(0, Math.floor(body.length * share)),
    ...(retryAfter !== undefined && { retryAfterMs: Number(retryAfter) * 1000 }),
    ...(contract !== undefined && { contract }),
  }
}

/** What a server throws that dies over a call, or is not there: the device hears nothing. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'

  constructor() {
    super('no answer')
  }
}
