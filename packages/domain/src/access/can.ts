import type { DeviceId } from '@fieldsync/contracts'

import type { Actor } from './actor.ts'
import { type Right, ROLE_RIGHTS } from './roles.ts'

/** True if the actor has the right in its workspace (ACC-7 to ACC-11). */
export function can(actor: Actor, right: Right): boolean {
  return actor.kind === 'system' || ROLE_RIGHTS[actor.role][right]
}

/** True if the actor may create records whose author is `author`: its own, any as admin, granted as service (OBS-1). */
export function mayWriteFor(actor: Actor, author: DeviceId): boolean {
  if (!can(actor, 'observations.write')) return false
  if (actor.deviceId === author || can(actor, 'observations.writeForOthers')) return true
  return actor.kind === 'service' && actor.grantedDevices?.includes(author) === true
}

/**
 * True if the actor may change a stored record of `author`: as its author, or as one who may correct (OBS-5,
 * REC-5). An unknown author (`undefined`) leaves only those who may correct.
 */
export function mayChange(actor: Actor, author: DeviceId | undefined): boolean {
  return can(actor, 'observations.correct') || (actor.deviceId === author && can(actor, 'observations.write'))
}
