/** A person who is asked to prove again who they are, for whichever calls wait for it (APP-79). */
export class Reauthentication {
  readonly #listeners = new Set<() => void>()
  #asked: { readonly promise: Promise<boolean>; readonly settle: (isProven: boolean) => void } | undefined

  /** Resolves to whether the person has proven it; calls that come meanwhile wait for the same answer. */
  readonly ask = (): Promise<boolean> => {
    if (this.#asked === undefined) {
      let settle = (_isProven: boolean): void => undefined
      const promise = new Promise<boolean>((resolve) => (settle = resolve))
      this.#asked = { promise, settle }
      this.#changed()
    }
    return this.#asked.promise
  }

  /** The person has proven it, or declines to. */
  readonly settle = (isProven: boolean): void => {
    const asked = this.#asked
    this.#asked = undefined
    asked?.settle(isProven)
    this.#changed()
  }

  readonly isAsked = (): boolean => this.#asked !== undefined

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** The one of this page. */
export const reauthentication = new Reauthentication()
