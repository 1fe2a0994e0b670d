/** A lock over all tabs of a site, for one piece of work. */
export type TabLockRequest = {
  readonly name: string
  /** Takes it from a tab that no longer answers. */
  readonly steal?: boolean
  /** @param lost aborts when another tab has taken the lock */
  readonly work: (lost: AbortSignal) => Promise<void>
}

/** A way to the other tabs of a site that have opened a channel of this name. */
export type TabChannel = { post(message: string): void; close(): void }

/** What the tabs of a site have in common. */
export interface Tabs {
  /**
   * Runs the work unless another tab holds the lock; does not wait for it. A tab that dies lets go of it.
   * @returns whether the work ran, after its end
   * @throws what the work throws; an error where tabs can agree on nothing
   */
  alone(request: TabLockRequest): Promise<boolean>
  /** Tabs that cannot hear each other get a channel on which nothing comes. */
  channel(name: string, onMessage: (message: unknown) => void): TabChannel
  /** Whether a person can see this one. */
  isVisible(): boolean
}
