import type { Location } from '@fieldsync/contracts'

/** Where the browser is. Null where the person does not want to tell, or nobody knows within ten seconds. */
export function browserPosition(): Promise<Location | null> {
  if (!('geolocation' in navigator)) return Promise.resolve(null)
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: coords.latitude, lon: coords.longitude }),
      () => resolve(null),
      { maximumAge: 60_000, timeout: 10_000 },
    )
  })
}
