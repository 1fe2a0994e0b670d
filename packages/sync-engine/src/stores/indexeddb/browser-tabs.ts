import type { TabChannel, TabLockRequest, Tabs } from '../../core/ports.ts'
import { underLease } from './lease.ts'
import { underWebLock } from './web-lock.ts'

export { tabName, type TabName } from './tab-name.ts'

/** The tabs of a browser: Web Locks between them or, without HTTPS, leases in IndexedDB, and broadcast channels. */
export const browserTabs = (): Tabs => ({
  alone: underTabLock,
  channel: (name, onMessage) => new BroadcastTabs(name, onMessage),
  isVisible: () => document.visibilityState === 'visible',
})

async function underTabLock({ name, steal = false, work }: TabLockRequest): Promise<boolean> {
  const lost = new AbortController()
  const holding = (): Promise<void> => work(lost.signal)
  // There only in a secure context.
  const locks: LockManager | undefined = navigator.locks
  const { ran } =
    locks === undefined
      ? // A lease that is not renewed ends by itself.
        await underLease(name, lost, holding)
      : await underWebLock(locks, name, lost, holding, steal ? 'steal' : 'ifAvailable')
  return ran
}

/** A broadcast channel, which reaches the tabs of the same site alone. */
class BroadcastTabs implements TabChannel {
  // Not in old browsers.
  readonly #channel: BroadcastChannel | undefined

  constructor(name: string, onMessage: (message: unknown) => void) {
    this.#channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(name)
    this.#channel?.addEventListener('message', ({ data }: { readonly data: unknown }) => onMessage(data))
  }

  post(message: string): void {
    this.#channel?.postMessage(message)
  }

  close(): void {
    this.#channel?.close()
  }
}
