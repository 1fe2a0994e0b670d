import type { StoreError } from '../../core/local-store.ts'
import type { MaybePromise } from './text-transaction.ts'

/**
 * The calls of one transaction: one after the other in the order in which they were made, none after its end, and none
 * after one that failed.
 */
export class OrderedCalls {
  #last: Promise<void> = Promise.resolve()
  #running = 0
  #failure: { readonly error: unknown } | undefined
  #ended: (() => StoreError) | undefined

  /** Whether every call that was made has been answered. */
  get idle(): boolean {
    return this.#running === 0
  }

  /**
   * @param prepare looks at the arguments while they are as they were given
   * @param perform what the adapter does
   */
  call<A, T>(prepare: () => A, perform: (argument: A) => MaybePromise<T>): Promise<T> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended())
    let argument: A
    try {
      argument = prepare()
    } catch (error) {
      const refused = Promise.reject<T>(this.#fail(error))
      // The transaction fails with it; so this one need not be handled as well.
      refused.catch(() => {})
      return refused
    }
    this.#running += 1
    const result = this.#last.then(() => {
      if (this.#failure !== undefined) throw this.#failure.error
      return perform(argument)
    })
    // Set before anybody can wait for the result, so it runs before whoever waits goes on.
    this.#last = result.then(
      () => void (this.#running -= 1),
      (error: unknown) => {
        this.#running -= 1
        this.#fail(error)
      },
    )
    return result
  }

  /** Waits for the calls that nobody waited for. @throws what the first call that failed threw. */
  async finish(): Promise<void> {
    while (this.#running > 0) await this.#last
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** Refuses every further call. @param reason made only for a call that is refused: an error is costly to make */
  end(reason: () => StoreError): void {
    this.#ended ??= reason
  }

  /** Waits until nothing runs any more, whatever comes of it. */
  async settle(): Promise<void> {
    while (this.#running > 0) await this.#last
  }

  #fail(error: unknown): unknown {
    this.#failure ??= { error }
    return error
  }
}
