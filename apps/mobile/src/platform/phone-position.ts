import type { Location } from '@fieldsync/contracts'
import * as Positions from 'expo-location'

/** Where the phone is. Null where the person does not want to tell, or nobody knows. */
export async function phonePosition(): Promise<Location | null> {
  const { granted } = await Positions.requestForegroundPermissionsAsync()
  if (!granted) return null
  const known = await Positions.getLastKnownPositionAsync({ maxAge: 60_000 })
  const { coords } =
    known ?? (await Positions.getCurrentPositionAsync({ accuracy: Positions.Accuracy.Balanced }))
  return { lat: coords.latitude, lon: coords.longitude }
}
