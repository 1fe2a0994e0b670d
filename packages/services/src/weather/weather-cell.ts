import type { Location } from '@fieldsync/contracts'

import type { WeatherCell } from '../core/live-weather.ts'

type Place = Pick<Location, 'lat' | 'lon'>

/** The cell of a place in degrees. The meridian of 180 degrees is one cell, whichever way it is written. */
export function cellOf({ lat, lon }: Place): WeatherCell {
  const east = Math.round(lon * 10)
  // Without a negative zero, which JSON and a comparison by text would tell apart.
  return { lat: Math.round(lat * 10) + 0, lon: (east === -1800 ? 1800 : east) + 0 }
}

/** The middle of a cell, in degrees with one decimal: all that leaves the server. */
export const centerOf = ({ lat, lon }: WeatherCell): Place => ({ lat: lat / 10, lon: lon / 10 })
