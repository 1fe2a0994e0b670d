import type { Clock, LivePoke } from '@fieldsync/sync-engine'
import type { SeededRandom } from '@fieldsync/testkit'

import type { DeviceServer } from './device-server.ts'

const LONGEST_DELAY = 3_000
const ONE_LOST_OF = 3

export type LiveLineOptions = {
  readonly deviceId: string
  readonly server: DeviceServer
  readonly clock: Clock
  readonly rng: SeededRandom
  /** While it does not hold, no poke is lost, and none is long on its way. */
  readonly isFaulty: () => boolean
  readonly isOnline: () => boolean
}

/** A server's pokes on their way to a device: late, and some of them never (LIV-3). */
export class LiveLine implements LivePoke {
  readonly #options: LiveLineOptions

  constructor(options: LiveLineOptions) {
    this.#options = options
  }

  subscribe(onPoke: () => void): () => void {
    const { deviceId, server, clock, rng, isFaulty, isOnline } = this.#options
    let isHeard = true
    const end = server.live?.(deviceId, () => {
      const isLost = rng.int(1, ONE_LOST_OF) === 1
      const delay = rng.int(0, LONGEST_DELAY)
      if (!isOnline() || (isLost && isFaulty())) return
      clock.after(isFaulty() ? delay : 0, () => void (isHeard && onPoke()))
    })
    return () => {
      isHeard = false
      end?.()
    }
  }
}
