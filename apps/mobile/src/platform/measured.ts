import type { ObservationLocation } from '@fieldsync/contracts'

type Coordinates = {
  readonly latitude: number
  readonly longitude: number
  /** Meters; null where the platform does not say. */
  readonly accuracy: number | null
}

// A fix that is off by more says nothing about a vineyard, and the contract has no room for it.
const MAX_ACCURACY_M = 100_000

/** A position fix as a record holds it; null for one that is of no use. */
export function measured({
  latitude: lat,
  longitude: lon,
  accuracy,
}: Coordinates): ObservationLocation | null {
  if (accuracy === null || !Number.isFinite(accuracy)) return { lat, lon, source: 'gps' }
  return accuracy > MAX_ACCURACY_M ? null : { accuracyM: Math.round(accuracy), lat, lon, source: 'gps' }
}
