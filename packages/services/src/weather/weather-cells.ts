import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

import type { HourlyTemperature } from '@fieldsync/agronomy'
import type { WorkspaceId } from '@fieldsync/contracts'
import { type Database, inTransaction } from '@fieldsync/db'

import type { Clock } from '../core/context.ts'
import type {
  CellWeather,
  LiveWeather,
  WeatherCell,
  WeatherPort,
  WeatherReading,
} from '../core/live-weather.ts'
import { LIVE_WEATHER_MS } from './default-weather.ts'
import { centerOf } from './weather-cell.ts'

const HOUR_MS = 3_600_000
/** A cell is asked for again after this long. */
const FRESH_MS = HOUR_MS
/** The same where no service had an answer. */
const RETRY_MS = 60_000
/** Temperatures are kept for the mildew index: ten days of the sun, with what lies between them and UTC. */
const TEMPERATURE_MS = 12 * 24 * HOUR_MS
/** How often one workspace may cause a call in an hour, at each server: a farm of sixty cells is 70 km wide. */
const ASKS_PER_HOUR = 60
/** How long a server's lease outlasts its call, and how often others look whether it has ended. */
const LEASE_SPARE_MS = 5_000
const LOOK_EVERY_MS = 200

type Asking = { readonly clock: Clock; readonly workspaceId: WorkspaceId }

type Row = {
  provider: string | null
  fetchedAt: Date | null
  failedAt: Date | null
  reading: Omit<WeatherReading, 'provider' | 'temperatures'> | null
  /** Hours since 1970 with their temperatures: two numbers are a fifth of what names and instants would be. */
  temperatures: readonly (readonly [hour: number, celsius: number])[] | null
}

const READ = `SELECT provider, fetched_at AS "fetchedAt", failed_at AS "failedAt", reading, temperatures
  FROM weather_cells WHERE lat = $1 AND lon = $2`
// By the database's clock, which the servers share. What has changed since it was read is looked at again first.
const LEASE = `INSERT INTO weather_cells AS c (lat, lon, used_at, lease, leased_until)
  VALUES ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 millisecond')
  ON CONFLICT (lat, lon) DO UPDATE SET used_at = $3, lease = $4, leased_until = excluded.leased_until
    WHERE (c.lease IS NULL OR c.leased_until < clock_timestamp())
      AND c.fetched_at IS NOT DISTINCT FROM $6 AND c.failed_at IS NOT DISTINCT FROM $7`
const STORE = `UPDATE weather_cells SET provider = $4, fetched_at = $5, reading = $6, temperatures = $7, failed_at = NULL,
    lease = NULL, leased_until = NULL WHERE lat = $1 AND lon = $2 AND lease = $3`
const FAILED = `UPDATE weather_cells SET failed_at = $4, lease = NULL, leased_until = NULL
  WHERE lat = $1 AND lon = $2 AND lease = $3`

/**
 * The weather of cells, which all servers of a database share (WTH-3): one asks a service, under a lease that ends by itself
 * where that server dies; the others, and further calls of its own, wait for what it gets.
 */
export class WeatherCells implements LiveWeather {
  readonly #db: Database
  readonly #port: WeatherPort
  /** Calls that a workspace has caused in this hour. */
  readonly #asks = new Map<string, number>()
  #hour = 0
  readonly #underWay = new Map<string, Promise<CellWeather | undefined>>()

  constructor(parts: { readonly db: Database; readonly port: WeatherPort }) {
    this.#db = parts.db
    this.#port = parts.port
  }

  get size(): number {
    return this.#underWay.size
  }

  of(cell: WeatherCell, call: Asking): Promise<CellWeather | undefined> {
    const key = `${cell.lat}/${cell.lon}`
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) return underWay
    const started = this.#read(cell, call).finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, started)
    return started
  }

  async #read(cell: WeatherCell, { clock, workspaceId }: Asking): Promise<CellWeather | undefined> {
    const limit = performance.now() + 2 * this.#leaseMs
    for (;;) {
      const { rows } = await this.#db.pool.query<Row>(READ, [cell.lat, cell.lon])
      const [row] = rows
      const now = clock.now()
      const isKnown = isWithin(row?.fetchedAt, now, FRESH_MS) || isWithin(row?.failedAt, now, RETRY_MS)
      if (isKnown || performance.now() > limit || this.#isSpent(workspaceId, now)) return stored(row, now)
      const lease = await this.#lease(cell, row, now)
      if (lease !== undefined) {
        this.#asks.set(workspaceId, (this.#asks.get(workspaceId) ?? 0) + 1)
        return await this.#ask(cell, lease, row, now)
      }
      await delay(LOOK_EVERY_MS)
    }
  }

  async #lease(cell: WeatherCell, row: Row | undefined, now: Date): Promise<string | undefined> {
    const lease = randomUUID()
    const { fetchedAt = null, failedAt = null } = row ?? {}
    const { rowCount } = await inTransaction(this.#db, (connection) =>
      connection.query(LEASE, [cell.lat, cell.lon, now, lease, this.#leaseMs, fetchedAt, failedAt]),
    )
    return rowCount === 1 ? lease : undefined
  }

  async #ask(
    cell: WeatherCell,
    lease: string,
    row: Row | undefined,
    now: Date,
  ): Promise<CellWeather | undefined> {
    const reading = await this.#port.read(centerOf(cell), now)
    if (reading === undefined) {
      await this.#write(FAILED, [cell.lat, cell.lon, lease, now])
      return stored(row, now)
    }
    const temperatures = merged(row?.temperatures ?? [], reading.temperatures, now)
    const { provider, profileTime, layers } = reading
    const text = JSON.stringify({ profileTime, layers })
    await this.#write(STORE, [cell.lat, cell.lon, lease, provider, now, text, JSON.stringify(temperatures)])
    return {
      reading: { ...reading, temperatures: hourly(temperatures) },
      fetchedAt: now,
      isStale: false,
      isNew: true,
    }
  }

  /** Whether a workspace has caused as many calls as it may in this hour (WTH-10). */
  #isSpent(workspaceId: string, now: Date): boolean {
    const hour = Math.floor(now.getTime() / HOUR_MS)
    if (hour !== this.#hour) this.#asks.clear()
    this.#hour = hour
    return (this.#asks.get(workspaceId) ?? 0) >= ASKS_PER_HOUR
  }

  #write(statement: string, values: readonly unknown[]): Promise<unknown> {
    return inTransaction(this.#db, (connection) => connection.query(statement, [...values]))
  }

  get #leaseMs(): number {
    return this.#port.limitMs + LEASE_SPARE_MS
  }
}

/** Servers' clocks differ: what another has written a moment ahead of this one's counts as well. */
const isWithin = (at: Date | null | undefined, now: Date, ms: number): boolean =>
  at !== null && at !== undefined && Math.abs(now.getTime() - at.getTime()) < ms

function stored(row: Row | undefined, now: Date): CellWeather | undefined {
  if (!row?.reading || row.provider === null || row.fetchedAt === null) return undefined
  const { provider, fetchedAt, reading, temperatures } = row
  if (!isWithin(new Date(reading.profileTime), now, LIVE_WEATHER_MS)) return undefined
  return {
    reading: { ...reading, provider, temperatures: hourly(temperatures ?? []) },
    fetchedAt,
    isStale: !isWithin(fetchedAt, now, FRESH_MS),
    isNew: false,
  }
}

/** A newer value of an hour takes the place of an earlier one. */
function merged(
  before: NonNullable<Row['temperatures']>,
  given: readonly HourlyTemperature[],
  now: Date,
): NonNullable<Row['temperatures']> {
  const all = new Map(before)
  for (const { at, temperatureC } of given) all.set(Math.round(Date.parse(at) / HOUR_MS), temperatureC)
  const from = (now.getTime() - TEMPERATURE_MS) / HOUR_MS
  const until = now.getTime() / HOUR_MS + 1
  return [...all].filter(([hour]) => hour >= from && hour <= until).sort(([a], [b]) => a - b)
}

const hourly = (temperatures: NonNullable<Row['temperatures']>): HourlyTemperature[] =>
  temperatures.map(([hour, temperatureC]) => ({ at: new Date(hour * HOUR_MS).toISOString(), temperatureC }))
