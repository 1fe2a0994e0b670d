import { type ObservationLocation, WeatherFeatures } from '@fieldsync/contracts'
import { z } from 'zod'

type Place = Pick<ObservationLocation, 'lat' | 'lon'>

/** Weather as the server has given it, on the device for when it has no signal. */
export const StoredWeather = z.object({
  features: WeatherFeatures,
  /** Of the place that was asked for: {@link cellOf}. */
  cell: z.string(),
  /** When the server got it, milliseconds since 1970 on the server's clock. */
  fetchedAt: z.number(),
})
export type StoredWeather = z.infer<typeof StoredWeather>

/** From then on it is fetched again when there is a reason and a network (APP-102). */
export const REFRESH_AFTER_MS = 3_600_000
/** As long as it is used. */
export const USED_FOR_MS = 12 * 3_600_000
/** So many stay: enough for a day in several vineyards, and to show what a recommendation of today was computed with. */
const MOST = 24

/** A square of a tenth of a degree, about 11 km, in which weather is the same. */
export const cellOf = ({ lat, lon }: Place): string => `${Math.round(lat * 10)},${Math.round(lon * 10)}`

/** How old weather is, in milliseconds; a server's clock that is ahead makes it no younger than new. */
export const ageOf = ({ fetchedAt }: Pick<StoredWeather, 'fetchedAt'>, now: number): number =>
  Math.max(0, now - fetchedAt)

/** The newest weather of a place that may still be used; null for none. @param now on the server's clock */
export function usableWeather(
  stored: readonly StoredWeather[],
  place: Place | null,
  now: number,
): StoredWeather | null {
  if (place === null) return null
  const cell = cellOf(place)
  const [newest] = stored.filter((each) => each.cell === cell).toSorted((a, b) => b.fetchedAt - a.fetchedAt)
  return newest !== undefined && ageOf(newest, now) <= USED_FOR_MS ? newest : null
}

/** Whether newer weather of a place is worth a call. */
export function isWeatherDue(stored: readonly StoredWeather[], place: Place, now: number): boolean {
  const usable = usableWeather(stored, place, now)
  return usable === null || ageOf(usable, now) > REFRESH_AFTER_MS
}

/** The weather of a set of features, as far as this device has it. */
export const weatherOf = (
  stored: readonly StoredWeather[],
  weatherFeaturesId: string,
): StoredWeather | undefined =>
  stored.find(({ features }) => features.weatherFeaturesId === weatherFeaturesId)

/** With one more, without those that are too many; the newest first. */
export const withWeather = (stored: readonly StoredWeather[], next: StoredWeather): StoredWeather[] =>
  [
    next,
    ...stored.filter(({ features, cell }) => {
      const isSame = features.weatherFeaturesId === next.features.weatherFeaturesId
      return !isSame || cell !== next.cell
    }),
  ]
    .toSorted((a, b) => b.fetchedAt - a.fetchedAt)
    .slice(0, MOST)

/** Of a stored text; what another version of the app has written differently is left out. */
export function readWeather(text: string | null): StoredWeather[] {
  if (text === null || text === '') return []
  try {
    const stored: unknown = JSON.parse(text)
    if (!Array.isArray(stored)) return []
    return stored.flatMap((each) => {
      const parsed = StoredWeather.safeParse(each)
      return parsed.success ? [parsed.data] : []
    })
  } catch {
    return []
  }
}
