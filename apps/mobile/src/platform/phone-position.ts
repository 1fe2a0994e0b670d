import type { ObservationLocation } from '@fieldsync/contracts'
import * as Positions from 'expo-location'

import { measured } from './measured.ts'

/** Where the phone is. Null where the person does not allow it, or nobody knows. */
export async function phonePosition(): Promise<ObservationLocation | null> {
  const { granted } = await Positions.requestForegroundPermissionsAsync()
  if (!granted) return null
  const known = await Positions.getLastKnownPositionAsync({ maxAge: 60_000, requiredAccuracy: 100 })
  const { coords } = known ?? (await Positions.getCurrentPositionAsync({ accuracy: Positions.Accuracy.High }))
  return measured(coords)
}
