import type { SeededRandom } from '@fieldsync/testkit'

import { anyOf, once, weighted } from '../script/generate/weighted.ts'

/** Something that happens to a device or to the server, beside what links do to calls; plain JSON. */
export type WorldFault =
  /** The device's process dies at one of the next steps that its store takes, and comes back on the same store. */
  | { do: 'crash'; device: string; inSteps: number }
  /** Its clock is so many milliseconds ahead from now on. */
  | { do: 'skew'; device: string; lead: number }
  /** Its token runs out. */
  | { do: 'expire'; device: string }
  | { do: 'restart' }
  | { do: 'backup' }
  | { do: 'restore' }
  /** The server is started from nothing: with its devices, and without all that they ever sent. */
  | { do: 'empty' }
  /** The server fails on every batch with records for so long, and then works again. */
  | { do: 'outage'; milliseconds: number }
  /** The server takes so many records in one batch from now on. */
  | { do: 'limit'; maxRecords: number }

const FAULTS = { crash: 6, skew: 2, expire: 2, restart: 1, backup: 3, restore: 3, limit: 2 }

const MINUTE = 60_000
const LEADS = [-24 * 60 * MINUTE, -10 * MINUTE, -1, 1, 4 * MINUTE, 6 * MINUTE, 48 * 60 * MINUTE] as const

/** The device's clock is set wrong, by seconds or by days. */
export const clockSkew = (rng: SeededRandom, device: string): Extract<WorldFault, { do: 'skew' }> => ({
  do: 'skew',
  device,
  lead: rng.pick(LEADS),
})

/** The next thing that goes wrong. @param devices names of those there are, at least one */
export function worldFault(rng: SeededRandom, devices: readonly string[]): WorldFault {
  const device = anyOf(rng, devices)
  if (device === undefined) throw new Error('a world has devices')
  const kind = weighted(rng, FAULTS)
  switch (kind) {
    case 'crash':
      return { do: kind, device, inSteps: once(rng, 2) ? 0 : rng.int(1, 12) }
    case 'skew':
      return clockSkew(rng, device)
    case 'expire':
      return { do: kind, device }
    case 'limit':
      return { do: kind, maxRecords: rng.int(1, 20) }
    case 'restart':
    case 'backup':
    case 'restore':
      return { do: kind }
  }
}
