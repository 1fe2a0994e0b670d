import type { SeededRandom } from '@fieldsync/testkit'

import { weighted } from './weighted.ts'

const MINUTE = 60_000

const TIMES = {
  'a little later': 5,
  'much later': 1,
  'a microsecond later': 1,
  same: 2,
  'same elsewhere': 1,
  earlier: 3,
  'far ahead': 1,
  further: 1,
  none: 2,
}

/**
 * A time of a local edit: around another one, so that newer, older and equal meet often, and around the bound beyond
 * which clocks are not believed (OBS-18 to OBS-21). Undefined where the record carries none.
 */
export function editTime(rng: SeededRandom, around: string, now: number): string | undefined {
  const base = Date.parse(around)
  const at = (milliseconds: number) => new Date(milliseconds).toISOString()
  switch (weighted(rng, TIMES)) {
    case 'a little later':
      return at(base + rng.int(1, 5) * MINUTE)
    case 'much later':
      return at(now)
    case 'a microsecond later':
      return at(base).replace('Z', '001Z')
    case 'same':
      return around
    case 'same elsewhere':
      return at(base - 8 * 60 * MINUTE).replace('Z', '-08:00')
    case 'earlier':
      return at(base - rng.int(1, 5) * MINUTE)
    case 'far ahead':
      return at(now + 6 * MINUTE)
    case 'further':
      return at(now + 7 * MINUTE)
    case 'none':
      return undefined
  }
}
