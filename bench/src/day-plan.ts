import { type SeededRandom, seededRandom } from '@fieldsync/testkit'

import type { Farm } from './clients.ts'

/** What phones do in a day. */
export type Doing =
  /** The app is opened, or a poke has come: pages until there is no more. */
  | { readonly do: 'pull' }
  /** One note, while there is a network. */
  | { readonly do: 'note' }
  /** What to do about the phone's last note, computed by the server from the demo weather. */
  | { readonly do: 'generate' }
  /** Notes that were written without a network, and recommendations for every second one. */
  | { readonly do: 'evening batch'; readonly notes: number }
  /** Notes of the day are confirmed, and recommendations decided on. */
  | { readonly do: 'decisions' }
  /** The office looks at what came in. */
  | { readonly do: 'list' }

/** A call that is due: seconds since midnight, and whose. */
export type Due = Doing & { readonly at: number; readonly client: number }

const MINUTE = 60
const HOUR = 3600
export const DAY = 24 * HOUR
/** Notes of a phone in a day, and which of them find a network. */
const NOTES = [6, 14] as const
const ONLINE = 0.4
/** Of notes that are sent alone, so many get a recommendation at once: as often as in the simulator, one for two notes. */
const ADVISED = 0.5
/** A phone that lies open pulls after a poke. */
const OPEN = 0.3

/** A day of these farms, in order of time: most opens in the morning, most batches in the evening. */
export function planDay(farms: readonly Farm[]): Due[] {
  const rng = seededRandom(20_260_211)
  const day = farms.flatMap(({ clients }) =>
    clients.flatMap((client, place) => {
      const own = phoneDay(rng, client, place)
      return [...own, ...own.flatMap((each) => pokedBy(rng, each, clients))]
    }),
  )
  return day.sort((a, b) => a.at - b.at)
}

function phoneDay(rng: SeededRandom, client: number, place: number): Due[] {
  const due: Due[] = []
  const add = (at: number, doing: Doing): void => {
    due.push({ at: Math.min(Math.max(at, 0), DAY - 1), client, ...doing })
  }
  add(around(rng, 7 * HOUR, HOUR), { do: 'pull' })
  let offline = 0
  for (let notes = rng.int(...NOTES); notes > 0; notes--) {
    if (rng.fraction() >= ONLINE) offline++
    else {
      const at = rng.fraction() < 0.6 ? around(rng, 8.5 * HOUR, HOUR) : rng.int(10 * HOUR, 17 * HOUR)
      add(at, { do: 'note' })
      if (rng.fraction() < ADVISED) add(at + MINUTE, { do: 'generate' })
    }
  }
  const evening = around(rng, 18.5 * HOUR, HOUR)
  if (offline > 0) add(evening, { do: 'evening batch', notes: offline })
  add(evening + MINUTE, { do: 'pull' })
  add(evening + rng.int(10 * MINUTE, HOUR), { do: 'decisions' })
  // At night phones wake up once to pull.
  add(rng.int(0, 5 * HOUR), { do: 'pull' })
  // One of a farm's phones is the office's.
  if (place === 2) for (const hour of [8, 13, 17]) add(around(rng, hour * HOUR, HOUR / 2), { do: 'list' })
  return due
}

const isWrite = ({ do: kind }: Due): boolean => kind !== 'pull' && kind !== 'list'

/** Pulls of the farm's other phones, soon after a write. */
function pokedBy(rng: SeededRandom, write: Due, clients: readonly number[]): Due[] {
  if (!isWrite(write)) return []
  return clients
    .filter((client) => client !== write.client && rng.fraction() < OPEN)
    .map((client) => ({ at: Math.min(write.at + rng.int(1, 2 * MINUTE), DAY - 1), client, do: 'pull' }))
}

/** A time near `middle`: the sum of some is close to a normal distribution. */
function around(rng: SeededRandom, middle: number, deviation: number): number {
  const sum = Array.from({ length: 12 }, () => rng.fraction()).reduce((total, each) => total + each, 0)
  return Math.round(middle + (sum - 6) * deviation)
}
