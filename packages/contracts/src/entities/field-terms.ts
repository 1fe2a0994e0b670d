import { z } from 'zod'

export const Crop = z.literal('grape')
export const Issue = z.enum(['powdery_mildew', 'heat_stress', 'other'])
export type Issue = z.infer<typeof Issue>
export const Severity = z.enum(['low', 'moderate', 'high'])
export type Severity = z.infer<typeof Severity>

/** A share or score, 0 to 1. */
export const UnitInterval = z.number().min(0).max(1)
/** Air temperature at the canopy, °C. */
export const CanopyTemperatureC = z.number().min(-30).max(70)

/** WGS 84, decimal degrees. */
export const Location = z.strictObject({
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
})
export type Location = z.infer<typeof Location>

/** Where the place of an observation comes from: a position fix, a point chosen on a map, the block's, the last fix, the region's center. */
export const LocationSource = z.enum(['gps', 'map', 'block', 'last_known', 'region'])
export type LocationSource = z.infer<typeof LocationSource>

/** Where something was observed: `accuracyM` is the radius in meters that the position fix reports (SHP-12). */
export const ObservationLocation = z.strictObject({
  accuracyM: z.number().min(0).max(100_000).optional(),
  lat: Location.shape.lat,
  lon: Location.shape.lon,
  source: LocationSource.optional(),
})
export type ObservationLocation = z.infer<typeof ObservationLocation>
