import type { LivePokeEvent } from '@fieldsync/contracts'

import type { AuthenticatedActor } from '../core/actor.ts'
import type { ServiceError } from '../core/service-error.ts'

const POKE: IteratorResult<LivePokeEvent, undefined> = { done: false, value: { type: 'poke' } }
const DONE: IteratorResult<LivePokeEvent, undefined> = { done: true, value: undefined }

/**
 * The pokes of one connected caller. A reader that is slower than the news finds one poke waiting, never more: it
 * says all that several would. Returning the iterator ends the stream.
 */
export class LiveStream implements AsyncIterable<LivePokeEvent> {
  readonly actor: AuthenticatedActor
  readonly #onEnd: (stream: LiveStream) => void
  #poked = false
  #ended = false
  #error: ServiceError | undefined
  #wake: (() => void) | undefined

  constructor(actor: AuthenticatedActor, onEnd: (stream: LiveStream) => void) {
    this.actor = actor
    this.#onEnd = onEnd
  }

  poke(): void {
    this.#poked = true
    this.#wake?.()
  }

  /** @param error sent to the caller at the end of the stream */
  end(error?: ServiceError): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    this.#onEnd(this)
    this.#wake?.()
  }

  [Symbol.asyncIterator](): AsyncIterator<LivePokeEvent, undefined> {
    return {
      next: () => this.#next(),
      return: () => {
        this.end()
        return Promise.resolve(DONE)
      },
    }
  }

  async #next(): Promise<IteratorResult<LivePokeEvent, undefined>> {
    while (!this.#poked && !this.#ended) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    if (!this.#ended) {
      this.#poked = false
      return POKE
    }
    const error = this.#error
    this.#error = undefined
    if (error) throw error
    return DONE
  }
}
