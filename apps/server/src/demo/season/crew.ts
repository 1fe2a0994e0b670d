import { DeviceId, type Device } from '@fieldsync/contracts'
import type { Role } from '@fieldsync/domain'

export type Member = {
  deviceId: DeviceId
  role: Role
  platform: Device['platform']
  appVersion: string
}

const member = (name: string, role: Role, platform: Device['platform'], appVersion: string): Member => ({
  deviceId: DeviceId.parse(`dev_${name}`),
  role,
  platform,
  appVersion,
})

/** Phones that walk every day. */
export const SCOUTS = [
  member('anna', 'scout', 'ios', '1.4.0'),
  member('ben', 'scout', 'android', '1.4.0'),
  member('cleo', 'scout', 'android', '1.4.0'),
  member('dario', 'scout', 'ios', '1.3.2'),
  member('elena', 'scout', 'android', '1.4.0'),
  member('farid', 'scout', 'android', '1.3.2'),
  member('gwen', 'scout', 'ios', '1.4.0'),
] as const

/** Stolen in the second week, and revoked. */
export const LOST_PHONE = member('hugo', 'scout', 'android', '1.3.0')
/** Silent since the fifth week, with notes that never arrived. */
export const SILENT_TABLET = member('barn_tablet', 'scout', 'android', '1.2.5')
/** Created and never used. */
export const SPARE = member('spare_phone', 'scout', 'android', '1.4.0')
export const AGRONOMISTS = [
  member('ines', 'agronomist', 'ios', '1.4.0'),
  member('jonas', 'agronomist', 'android', '1.4.0'),
] as const

/** Whose token opens the console. */
export const OFFICE = member('office', 'admin', 'web', '1.4.0')

/** In the order in which they are created; the spare phone, created last, marks a season as complete. */
export const CREW: readonly Member[] = [OFFICE, ...SCOUTS, LOST_PHONE, SILENT_TABLET, ...AGRONOMISTS]
