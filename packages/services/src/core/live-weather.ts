import type { HourlyTemperature } from '@fieldsync/agronomy'
import type { WeatherFeatures, WorkspaceId } from '@fieldsync/contracts'

/**
 * A square of a tenth of a degree, about 10 km, in tenths of a degree: what a weather service is asked for, and what servers and
 * workspaces share (WTH-2).
 */
export type WeatherCell = { readonly lat: number; readonly lon: number }

/** What a weather service says of a place, in the units of the contract. */
export type WeatherReading = {
  /** Which one, such as `open-meteo`. */
  readonly provider: string
  /** What time the layers are of, RFC 3339. */
  readonly profileTime: string
  /** From the ground up; at least one. */
  readonly layers: WeatherFeatures['layers']
  /** Near the ground, of whole hours that have passed; as many of the last days as the service has. */
  readonly temperatures: readonly HourlyTemperature[]
}

/** The weather services of a server. */
export type WeatherPort = {
  /** How long a read takes at most, milliseconds. */
  readonly limitMs: number
  /**
   * Asks a service, or one after the other. It never throws.
   * @param place in degrees
   * @returns undefined where none has an answer that can be used
   */
  read(place: { readonly lat: number; readonly lon: number }, at: Date): Promise<WeatherReading | undefined>
}

/** The weather of a cell as the server has it. */
export type CellWeather = {
  readonly reading: WeatherReading
  readonly fetchedAt: Date
  /** By an earlier hour's call, since no service has answered since. */
  readonly isStale: boolean
  /** This server has asked for it just now. */
  readonly isNew: boolean
}

/** Live weather of one server: by the cells that all servers share. */
export type LiveWeather = {
  /**
   * The weather of a cell now, from a service where nobody has asked for it within the hour.
   * @param workspaceId that asks: each may cause a number of calls to services an hour
   * @returns undefined where no service has an answer, and none of the last 12 hours is stored
   */
  of(
    cell: WeatherCell,
    call: { clock: { now(): Date }; workspaceId: WorkspaceId },
  ): Promise<CellWeather | undefined>
  /** Cells that are being asked for. */
  readonly size: number
}
