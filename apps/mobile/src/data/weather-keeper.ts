import type { LiveWeather, ObservationLocation } from '@fieldsync/contracts'

import type { StoredTexts } from '../platform/platform.ts'
import {
  cellOf,
  isWeatherDue,
  type StoredWeather,
  readWeather,
  usableWeather,
  weatherOf,
  withWeather,
} from './stored-weather.ts'

type Place = Pick<ObservationLocation, 'lat' | 'lon'>

export type WeatherKeeperOptions = {
  readonly texts: StoredTexts
  /** The name under which the store in use has its weather. */
  readonly key: () => string
  /** @throws where nobody answers, or the device may not have any */
  readonly fetch: (place: Place) => Promise<Omit<LiveWeather, 'provider'>>
  /** Milliseconds since 1970, on the server's clock as far as the device knows it. */
  readonly now: () => number
}

/** Without an answer a place is not asked about again for so long. */
const AGAIN_MS = 5 * 60_000

/** The weather of one store: kept on the device, used for 12 hours, fetched again where it is older than one (APP-102). */
export class WeatherKeeper {
  readonly #options: WeatherKeeperOptions
  readonly #asked = new Map<string, number>()
  #isClosed = true

  constructor(options: WeatherKeeperOptions) {
    this.#options = options
  }

  /** What may be used for a place now; null for none. From the device alone. */
  async find(place: Place | null): Promise<StoredWeather | null> {
    return usableWeather(await this.#read(), place, this.#options.now())
  }

  /** The weather of a set of features, also one that is too old to be used; null where it was never on this device. */
  async byId(weatherFeaturesId: string): Promise<StoredWeather | null> {
    return weatherOf(await this.#read(), weatherFeaturesId) ?? null
  }

  /** Fetches the weather of a place where what is here is old. @returns whether there is something new; never rejects */
  async refresh(place: Place): Promise<boolean> {
    const { fetch, now, texts, key } = this.#options
    const cell = cellOf(place)
    const last = this.#asked.get(cell)
    if (last !== undefined && Math.abs(now() - last) < AGAIN_MS) return false
    this.#asked.set(cell, now())
    try {
      if (!isWeatherDue(await this.#read(), place, now())) return false
      const { features, source, fetchedAt } = await fetch({ lat: place.lat, lon: place.lon })
      if (source === 'none' || this.#isClosed) return false
      const next = { features, cell, fetchedAt: fetchedAt === null ? now() : Date.parse(fetchedAt) }
      // Read again: another tab may have written it meanwhile.
      await texts.write(key(), JSON.stringify(withWeather(await this.#read(), next)))
      return true
    } catch {
      return false
    }
  }

  /** From now on it may write. @returns how to end that: the store is another one, or is wiped */
  open(): () => void {
    this.#isClosed = false
    return () => {
      this.#isClosed = true
    }
  }

  async #read(): Promise<StoredWeather[]> {
    try {
      return readWeather(await this.#options.texts.read(this.#options.key()))
    } catch {
      // Without it a recommendation is computed all the same, and says that the weather is missing.
      return []
    }
  }
}
