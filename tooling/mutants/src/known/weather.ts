import type { KnownMutant } from './known-mutant.ts'

const services = (path: string): string => `packages/services/src/weather/${path}`
const CELLS = [services('weather-cells.pg.test.ts')]
const DEFAULT = [services('default-weather.pg.test.ts')]

/** Mistakes in what servers share of live weather, and in what leaves them. */
export const WEATHER_MUTANTS: readonly KnownMutant[] = [
  {
    name: 'weather-of-a-finer-place',
    breaks: 'WTH-2: nothing finer than the middle of a cell leaves the server',
    file: services('weather-cells.ts'),
    find: 'this.#port.read(centerOf(cell), now)',
    replace: 'this.#port.read({ lat: cell.lat / 10 + 0.0049, lon: cell.lon / 10 }, now)',
    tests: CELLS,
  },
  {
    name: 'weather-lease-for-ever',
    breaks: 'WTH-3: another server asks where the one that asked has died',
    file: services('weather-cells.ts'),
    find: 'c.leased_until < clock_timestamp()',
    replace: 'c.leased_until IS NULL',
    tests: CELLS,
  },
  {
    name: 'weather-without-a-lease',
    breaks: 'WTH-3: one server asks, however many want it',
    file: services('weather-cells.ts'),
    find: 'if (lease !== undefined) {',
    replace: "if (lease !== '') {",
    tests: CELLS,
  },
  {
    name: 'weather-of-yesterday',
    breaks: 'WTH-4: what a service said counts for 12 hours',
    file: services('weather-cells.ts'),
    find: 'if (!isWithin(new Date(reading.profileTime), now, LIVE_WEATHER_MS)) return undefined',
    replace: '',
    tests: CELLS,
  },
  {
    name: 'weather-of-another-workspace',
    breaks: 'WTH-1: a note rests on weather of its own workspace',
    file: services('default-weather.ts'),
    find: 'WHERE workspace_id = $1 AND cell_lat = $2',
    replace: "WHERE $1 <> '' AND cell_lat = $2",
    tests: DEFAULT,
  },
]
