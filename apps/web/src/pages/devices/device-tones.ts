import type { DeviceState } from '@fieldsync/contracts'
import type { Tone } from '@fieldsync/design'

/** The color of how a device stands. */
export const DEVICE_TONES: Readonly<Record<DeviceState, Tone>> = {
  active: 'settled',
  conflicts: 'clash',
  silent: 'waiting',
  never: 'calm',
  revoked: 'broken',
}
