import type { DeviceRecord, DeviceState } from '@fieldsync/contracts'
import type { Tone } from '@fieldsync/design'

/** How a device stands, as it is shown: one that is to be wiped, or was, is a revoked one for the server (OPS-49). */
type ShownState = DeviceState | 'wipePending' | 'wiped'

export function shownState({ state, wipe }: Pick<DeviceRecord, 'state' | 'wipe'>): ShownState {
  if (!wipe) return state
  return wipe.acknowledgedAt === null ? 'wipePending' : 'wiped'
}

/** The color of how a device stands. */
export const DEVICE_TONES: Readonly<Record<ShownState, Tone>> = {
  active: 'settled',
  conflicts: 'clash',
  silent: 'waiting',
  never: 'calm',
  revoked: 'broken',
  wipePending: 'waiting',
  wiped: 'broken',
}
