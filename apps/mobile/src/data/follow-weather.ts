import type { FieldsyncClient } from '@fieldsync/client'
import type { Observation, ObservationLocation } from '@fieldsync/contracts'
import { observed } from '@fieldsync/domain'

import type { WeatherKeeper } from './weather-keeper.ts'

type Place = Pick<ObservationLocation, 'lat' | 'lon'>

type FollowOptions = {
  readonly client: Pick<FieldsyncClient, 'record' | 'records' | 'status' | 'subscribe'>
  readonly weather: Pick<WeatherKeeper, 'refresh'>
  /** Whether the server has said that it has weather for this workspace. */
  readonly isOffered: () => boolean
  /** Where the phone was last; null where nobody knows. */
  readonly lastPlace: () => Place | null
  /** There is newer weather on the device. */
  readonly onNewer: () => void
}

/**
 * Has the weather fetched when a note is saved, and after a sync, which is how a device finds out that it has a network again
 * (APP-102). Nothing waits for it. @returns how to end that
 */
export function followWeather({ client, weather, isOffered, lastPlace, onNewer }: FollowOptions): () => void {
  const refresh = async (find: () => Promise<Observation | undefined>) => {
    const { state } = client.status()
    if (!isOffered() || (state !== 'idle' && state !== 'syncing')) return
    const place = placeOf(await find(), lastPlace())
    if (place !== null && (await weather.refresh(place))) onNewer()
  }
  // Where the store cannot be read, its screens say so.
  const follow = (find: () => Promise<Observation | undefined>) => void refresh(find).catch(() => undefined)
  return client.subscribe((event) => {
    if (event.kind === 'saved' && event.record.type === 'observation') {
      const { id } = event.record
      follow(async () => (await client.record('observation', id))?.document)
    }
    if (event.kind === 'stateChanged' && event.from === 'syncing' && event.to === 'idle') {
      follow(async () => (await client.records('observation', { reverse: true, limit: 1 }))[0]?.document)
    }
  })
}

/** Where the weather of a note is asked for: its own place, else where the phone was last. */
export const placeOf = (note: Observation | undefined, lastPlace: Place | null): Place | null =>
  (note && observed(note, '/location')) ?? lastPlace
