import type { AuditEntry } from '@fieldsync/contracts'

import type { T } from '../../messages/messages.tsx'

/** What the audit names that has a word in both languages; what a newer server names is shown as it is. */
export const AUDIT_ACTIONS = [
  'sync.batch',
  'device.contact',
  'observations.create',
  'playbooks.applyPatch',
  'recommendations.generate',
  'recommendations.recompute',
  'records.import',
  'record.delete',
  'device.create',
  'device.open_enrollment',
  'device.enroll',
  'device.upgrade',
  'device.confirm_key',
  'device.rotate_key',
  'device.set_role',
  'device.reissue_token',
  'device.token.add',
  'device.revoke',
  'device.readmit',
  'device.wipe',
  'device.acknowledge_wipe',
  'service.create',
  'service.rotate',
  'service.grant',
  'service.revoke',
  'person.invite',
  'person.accept',
  'person.withdraw_invitation',
  'person.set_role',
  'person.end_access',
  'person.reset_link',
  'workspace.create',
  'workspace.change_settings',
  'audit.acknowledgeLostBranch',
  'playbooks.create',
  'playbooks.publish',
  'playbooks.rollBack',
  'playbooks.retire',
  'proposals.approve',
  'proposals.reject',
  'proposals.withdraw',
  'grant.create',
  'grant.revoke',
  'service.start_key',
  'service.start_secret',
  'audit.prune',
] as const

/** What was done, in the person's language. */
export function actionText(action: string, t: T): string {
  const known = AUDIT_ACTIONS.find((each) => each === action)
  return known === undefined ? action : t(`audit.action.${known}`)
}

/** Who did it: the person, by name where it is known (APP-84), else the device or service; the server itself has no name. */
export function actorText(
  { personId, deviceId }: AuditEntry['actor'],
  t: T,
  nameOf: (deviceId: string) => string,
): string {
  const name = deviceId === null ? undefined : nameOf(deviceId)
  return name === undefined || name === deviceId ? (personId ?? deviceId ?? t('audit.system')) : name
}

/** Who an entry is about, by name where it is known: the holder of a permission, or a person; undefined for anything else. */
export function concernedText(
  { holder, target }: Pick<AuditEntry, 'holder' | 'target'>,
  nameOf: (deviceId: string) => string,
): string | undefined {
  if (holder !== undefined) return nameOf(holder)
  if (target?.type !== 'person') return undefined
  const inRecords = target.id.replace(/^usr_/, 'dev_web_')
  const name = nameOf(inRecords)
  return name === inRecords ? undefined : name
}

const AUTHENTICATIONS = ['key', 'token', 'bearer', 'session'] as const

/** How a caller has authenticated; undefined where the entry does not say. */
export function authenticationText({ authentication }: AuditEntry['actor'], t: T): string | undefined {
  const known = AUTHENTICATIONS.find((kind) => kind === authentication?.kind)
  return known === undefined ? authentication?.kind : t(`audit.authentication.${known}`)
}

/** An entry's id in an address: a server takes what ends like a file's name for a file. */
export const addressOf = (entryId: string): string => entryId.replace('.', '-')
export const entryIdOf = (address: string): string => address.replace('-', '.')
