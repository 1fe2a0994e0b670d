import type { LiveWeather, LiveWeatherInput } from '@fieldsync/contracts'

import { createApi } from '../api/typed-api.ts'
import { Renewals } from '../credentials/renewals.ts'
import type { LinkOptions } from '../http/server-link.ts'

/**
 * The weather of a place now (WTH-8). A device with a key fetches a token of five minutes for it by itself.
 *
 * @throws FieldsyncError `FORBIDDEN`, reason `scope`, for a device that calls with a pre-shared token, and for a person;
 * NetworkError without an answer
 */
export type LiveWeatherCall = (
  place: LiveWeatherInput,
  options?: { readonly signal?: AbortSignal },
) => Promise<LiveWeather>

export function liveWeatherCall(link: LinkOptions): LiveWeatherCall {
  const credentials = link.credentials.liveWeather ?? link.credentials
  // Renewing a token for live weather leaves those of the other calls alone.
  const own = link.credentials.liveWeather ? new Renewals(credentials) : link.renewals
  const api = createApi({ ...link, credentials, renewals: own })
  return (place, options) => api.weather.live.query(place, options)
}
