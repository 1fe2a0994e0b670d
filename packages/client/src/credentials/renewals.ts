import type { CredentialProvider } from './credential-provider.ts'

/** How many actions are carried out for one call at most (ENG-28). */
export const MOST_RENEWALS = 6

/**
 * Renews a credential for all calls that were refused with it: calls that fail for the same reason at the same time wait
 * for one renewal, and one that was sent before the last renewal is simply sent again.
 */
export class Renewals {
  readonly #credentials: CredentialProvider
  /** By action. */
  readonly #underWay = new Map<string, Promise<boolean>>()
  /** How often the credential has changed: identifies the one that a request was sent with. */
  #generation = 0
  readonly #listeners = new Set<() => void>()

  constructor(credentials: CredentialProvider) {
    this.#credentials = credentials
  }

  /** To be recorded when a request is sent. */
  get generation(): number {
    return this.#generation
  }

  /**
   * @param sentWith the generation of the refused request
   * @returns whether it may be sent again
   */
  async after(action: string, sentWith: number): Promise<boolean> {
    if (sentWith < this.#generation) return true
    const underWay = this.#underWay.get(action) ?? this.#renew(action)
    this.#underWay.set(action, underWay)
    return await underWay
  }

  /** The device has a new credential, by a renewal or from a person. */
  changed(): void {
    this.#generation++
    for (const listener of this.#listeners) listener()
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #renew(action: string): Promise<boolean> {
    try {
      const renewed = await this.#credentials.renew(action)
      if (renewed) this.changed()
      return renewed
    } finally {
      this.#underWay.delete(action)
    }
  }
}
