import { WeatherFeatures } from '@fieldsync/contracts'
import type { WeatherReading } from '@fieldsync/services'
import type { z } from 'zod'

/** What a call to a weather service came back with. */
export type ServiceAnswer = { readonly status: number; readonly body: string }

/**
 * Sends a GET to a weather service. Whoever supplies it limits time and size, follows no redirect, and lets no URL into an error,
 * since a URL may carry a key.
 */
export type Call = (url: URL) => Promise<ServiceAnswer>

/** A weather service. */
export type Provider = {
  readonly id: string
  /**
   * The weather of a place at a time.
   * @throws UnusableAnswer for one that says something else; what the call throws
   */
  readonly read: (call: Call, place: Place, at: Date) => Promise<WeatherReading>
}

export type Place = { readonly lat: number; readonly lon: number }

/** A weather service has answered, but not with the weather. Its message holds nothing that was sent. */
export class UnusableAnswer extends Error {
  override name = 'UnusableAnswer'
}

/** A weather service works, and has no weather of this place: no reason to leave it alone elsewhere. */
export class NoWeatherThere extends UnusableAnswer {
  override name = 'NoWeatherThere'
}

export const Layer = WeatherFeatures.shape.layers.unwrap()
export type Layer = z.infer<typeof Layer>

/** A number with one decimal: what is stored of a value. */
export const tenths = (value: number): number => Math.round(value * 10) / 10

/** @throws UnusableAnswer for a text that is not JSON, or not as the service documents it, with the place and no content */
export function parsed<S extends z.ZodType>(schema: S, body: string): z.output<S> {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    throw new UnusableAnswer('the answer is not JSON')
  }
  const read = schema.safeParse(json)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new UnusableAnswer(`the answer is not as documented at /${issue?.path.join('/') ?? ''}`)
}
