import type { Right, Session } from '@fieldsync/contracts'

/**
 * The right that each operation requires by which the console changes something, or reads what not every role may read; a test
 * compares it with the contract.
 */
export const REQUIRED = {
  'audit.state': 'audit.read',
  'audit.acknowledgeLoss': 'admin',
  'devices.create': 'admin',
  'devices.openEnrollment': 'admin',
  'devices.revoke': 'admin',
  'devices.wipe': 'admin',
  'devices.readmit': 'admin',
  'devices.setRole': 'admin',
  'devices.reissueToken': 'admin',
  'devices.confirmKey': 'admin',
  'audit.list': 'audit.read',
  'security.list': 'admin',
  'recommendations.generate': 'observations.write',
  'people.list': 'admin',
  'people.invitations': 'admin',
  'people.invite': 'admin',
  'people.withdrawInvitation': 'admin',
  'people.setRole': 'admin',
  'people.endAccess': 'admin',
  'people.resetLink': 'admin',
  'services.list': 'admin',
  'services.create': 'admin',
  'services.rotate': 'admin',
  'services.grant': 'admin',
  'services.revoke': 'admin',
  'workspace.changeSettings': 'admin',
  'playbooks.applyPatch': 'playbooks.patch',
  'grants.create': 'admin',
  'grants.revoke': 'playbooks.patch',
  'playbooks.create': 'playbooks.publish',
  'playbooks.publish': 'playbooks.publish',
  'playbooks.rollBack': 'playbooks.publish',
  'playbooks.retire': 'playbooks.publish',
  'proposals.approve': 'playbooks.patch',
  'proposals.reject': 'playbooks.patch',
  'proposals.withdraw': 'playbooks.patch',
} as const satisfies Record<string, Right>

/** Whether the server would let a session do something. */
export const mayCall = ({ rights }: Pick<Session, 'rights'>, operation: keyof typeof REQUIRED): boolean =>
  rights.includes(REQUIRED[operation])
