import type { ObservationLocation } from '@fieldsync/contracts'

import { measured } from './measured.ts'

/** Where the browser is. Null where the person does not allow it, or nobody knows within half a minute. */
export function browserPosition(): Promise<ObservationLocation | null> {
  if (!('geolocation' in navigator)) return Promise.resolve(null)
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve(measured(coords)),
      () => resolve(null),
      { enableHighAccuracy: true, maximumAge: 60_000, timeout: 30_000 },
    )
  })
}
