import type { SeededRandom } from '@fieldsync/testkit'

import type { ScriptDevice } from '../script.ts'
import { once } from './weighted.ts'

/** Who takes part: two scouts and an agronomist at least; sometimes more roles, and a second workspace with the same device ids. */
export function cast(rng: SeededRandom): ScriptDevice[] {
  const devices: ScriptDevice[] = [
    { device: 'ws_a/dev_scout_1', role: 'scout' },
    { device: 'ws_a/dev_scout_2', role: 'scout' },
    { device: 'ws_a/dev_agronomist', role: 'agronomist' },
  ]
  if (once(rng, 2)) devices.push({ device: 'ws_a/dev_admin', role: 'admin' })
  if (once(rng, 4)) devices.push({ device: 'ws_a/dev_viewer', role: 'viewer' })
  if (once(rng, 6)) devices.push({ device: 'ws_a/dev_service', role: 'service' })
  if (once(rng, 3)) {
    devices.push(
      { device: 'ws_b/dev_scout_1', role: 'scout' },
      { device: 'ws_b/dev_agronomist', role: 'agronomist' },
    )
  }
  return devices
}
