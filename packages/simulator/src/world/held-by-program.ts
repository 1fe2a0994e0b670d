import type {
  BatchAnswer,
  Clock,
  Connectivity,
  LivePoke,
  LocalStore,
  Transport,
} from '@fieldsync/sync-engine'

/**
 * What a program holds of its platform: timers, calls under way, subscriptions, the lock of its store. A program that was
 * stopped holds nothing (ENG-21): what is left would wake a phone for nothing, or keep a closed store in memory.
 */
export class HeldByProgram {
  readonly #held = new Map<object, string>()

  /** What is held, by kind. */
  get all(): string[] {
    return [...this.#held.values()].toSorted()
  }

  clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      after: (milliseconds, callback) => {
        const letGo = this.#hold('a timer')
        const cancel = clock.after(milliseconds, () => {
          letGo()
          callback()
        })
        return () => {
          letGo()
          cancel()
        }
      },
    }
  }

  transport(transport: Transport): Transport {
    const held = async (call: { signal: AbortSignal }, send: () => Promise<BatchAnswer>) => {
      const letGo = this.#hold('a call')
      // One that does not listen to its signal is its own.
      call.signal.addEventListener('abort', letGo)
      try {
        return await send()
      } finally {
        letGo()
      }
    }
    return {
      get address() {
        return transport.address
      },
      session: (call) => held(call, () => transport.session(call)),
      syncBatch: (call) => held(call, () => transport.syncBatch(call)),
      acknowledgeWipe: (call) =>
        held(call, () => transport.acknowledgeWipe?.(call) ?? Promise.reject(new Error('it cannot wipe'))),
    }
  }

  connectivity(connectivity: Connectivity): Connectivity {
    return {
      isOnline: () => connectivity.isOnline(),
      onChange: (listener) => this.#until('a listener to the network', connectivity.onChange(listener)),
    }
  }

  poke(poke: LivePoke): LivePoke {
    return { subscribe: (onPoke) => this.#until('a live stream', poke.subscribe(onPoke)) }
  }

  store(store: LocalStore): LocalStore {
    return {
      read: (work) => store.read(work),
      write: (work) => store.write(work),
      erase: (remaining) => store.erase(remaining),
      exclusively: (work) =>
        store.exclusively(async (lost) => {
          const letGo = this.#hold('the lock of the store')
          try {
            return await work(lost)
          } finally {
            letGo()
          }
        }),
      onChange: (listener) => this.#until('a listener to the store', store.onChange(listener)),
      close: () => store.close(),
    }
  }

  #until(kind: string, end: () => void): () => void {
    const letGo = this.#hold(kind)
    return () => {
      letGo()
      end()
    }
  }

  #hold(kind: string): () => void {
    const key = {}
    this.#held.set(key, kind)
    return () => this.#held.delete(key)
  }
}
