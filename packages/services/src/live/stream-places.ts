import { ServiceError } from '../core/service-error.ts'

export type LiveLimits = {
  /** Streams of one device; a further one ends the oldest, which on a phone is most likely dead. */
  readonly perDevice: number
  /** Streams of one server. */
  readonly perServer: number
}

const FULL_RETRY_SECONDS = 30
const REPLACED_RETRY_SECONDS = 60

type Place = { readonly onReplaced: () => void }

/** The places for live streams that one server has, and which device has which (LIV-6). */
export class StreamPlaces {
  readonly #limits: LiveLimits
  readonly #all = new Set<Place>()
  /** Per device, the oldest first. */
  readonly #byDevice = new Map<string, Set<Place>>()

  constructor(limits: LiveLimits) {
    this.#limits = limits
  }

  /**
   * Takes a place for a device; its oldest is taken back where it has as many as it may have.
   * @param onReplaced a later stream of the device has this place
   * @returns gives it back
   * @throws ServiceError UNAVAILABLE when there is none
   */
  take(device: string, onReplaced: () => void): () => void {
    const [oldest, ...others] = this.#byDevice.get(device) ?? []
    if (oldest && others.length + 1 >= this.#limits.perDevice) {
      this.#leave(device, oldest)
      oldest.onReplaced()
    }
    if (this.#all.size >= this.#limits.perServer) throw noPlace()
    const place = { onReplaced }
    this.#all.add(place)
    this.#byDevice.set(device, (this.#byDevice.get(device) ?? new Set()).add(place))
    return () => this.#leave(device, place)
  }

  /** Devices that have a stream, or whose entry outlived it. */
  get devices(): number {
    return this.#byDevice.size
  }

  #leave(device: string, place: Place): void {
    this.#all.delete(place)
    const places = this.#byDevice.get(device)
    places?.delete(place)
    if (places?.size === 0) this.#byDevice.delete(device)
  }
}

/** There is no place for a further stream. */
export const noPlace = (): ServiceError =>
  new ServiceError('UNAVAILABLE', 'This server has as many live streams as it can hold.', {
    retryAfterSeconds: FULL_RETRY_SECONDS,
  })

/** Ends a stream whose place a later one of its device has. */
export const replaced = (): ServiceError =>
  new ServiceError('UNAVAILABLE', 'This device has opened newer live streams in place of this one.', {
    retryAfterSeconds: REPLACED_RETRY_SECONDS,
  })
