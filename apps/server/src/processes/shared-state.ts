import { Nonces, ServiceError, StreamPlaces, systemClock } from '@fieldsync/services'

import type { ServerEnv } from '../env/server-env.ts'
import { type OwnRates, ownRates } from '../http/rate-limiter.ts'
import type { MainCalls } from './calls.ts'

type StateCalls = Pick<MainCalls, 'spend' | 'useProof' | 'takePlace' | 'givePlaceBack'>

/**
 * What a server that is one process has in its memory, and what all workers of one that is several must share (RUN-55): how often
 * each device has called, which proofs were used, and who has a live stream. The main process has it, and answers its workers.
 */
export class SharedState {
  readonly #spend: OwnRates
  readonly #proofs: Nonces
  readonly #places: StreamPlaces

  constructor({ live, rateLimitPerMinute }: Pick<ServerEnv, 'live' | 'rateLimitPerMinute'>, pepper: Buffer) {
    this.#spend = ownRates(rateLimitPerMinute)
    this.#proofs = new Nonces([pepper])
    this.#places = new StreamPlaces(live)
  }

  /**
   * What one worker may call.
   * @param onReplaced a later stream of the same device, at any worker, has taken the place of this one
   * @returns `release` gives back what the worker had, when it has ended
   */
  forWorker(onReplaced: (stream: number) => void): { calls: StateCalls; release: () => void } {
    const taken = new Map<number, () => void>()
    const giveBack = (stream: number): void => {
      taken.get(stream)?.()
      taken.delete(stream)
    }
    return {
      calls: {
        spend: ({ key, points }) => this.#spend(key, points),
        useProof: ({ period, id }) => this.#proofs.use(period, id, systemClock.now()),
        takePlace: ({ device, stream }) => {
          try {
            const leave = this.#places.take(device, () => {
              taken.delete(stream)
              onReplaced(stream)
            })
            taken.set(stream, leave)
            return true
          } catch (error) {
            if (error instanceof ServiceError) return false
            throw error
          }
        },
        givePlaceBack: giveBack,
      },
      release: () => {
        for (const stream of taken.keys()) giveBack(stream)
      },
    }
  }
}
