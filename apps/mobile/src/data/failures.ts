import { createContext, use } from 'react'

/** Something that went wrong beside what the person did, and how to try it again. */
export type Failure = { readonly error: unknown; readonly retry?: () => void }

/** What goes wrong while the app reads and shows what is stored; each is shown until it is over. */
export class Failures {
  #open: ReadonlyMap<symbol, Failure> = new Map()
  readonly #listeners = new Set<() => void>()

  /** The first that is open; the same object until that changes. */
  readonly first = (): Failure | undefined => this.#open.values().next().value

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** @param failure undefined where it is over */
  report(source: symbol, failure: Failure | undefined): void {
    if (failure === undefined && !this.#open.has(source)) return
    const open = new Map(this.#open)
    if (failure === undefined) open.delete(source)
    else open.set(source, failure)
    this.#open = open
    for (const listener of this.#listeners) listener()
  }

  /** Tries everything again that can be; what cannot is taken note of. */
  retryAll(): void {
    for (const [source, { retry }] of this.#open) {
      if (retry === undefined) this.report(source, undefined)
      else retry()
    }
  }
}

export const FailuresContext = createContext(new Failures())

export const useFailures = (): Failures => use(FailuresContext)
