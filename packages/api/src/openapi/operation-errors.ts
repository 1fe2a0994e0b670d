import { ERROR_TABLE, type ErrorCode, type Operation, type OperationName } from '@fieldsync/contracts'

const EVERY: readonly ErrorCode[] = ['VALIDATION_ERROR', 'PAYLOAD_TOO_LARGE', 'INTERNAL_ERROR', 'UNAVAILABLE']
const AUTHENTICATED: readonly ErrorCode[] = ['AUTH_REQUIRED', 'FORBIDDEN', 'RATE_LIMITED']
const WRITE: readonly ErrorCode[] = ['UNSUPPORTED_MEDIA_TYPE', 'IDEMPOTENCY_CONFLICT']

/** The errors of one operation besides those that all of its kind have. */
const OWN: Readonly<Record<OperationName, readonly ErrorCode[]>> = {
  health: [],
  'sync.batch': ['CURSOR_INVALID'],
  'observations.create': ['CONFLICT'],
  'observations.list': [],
  'observations.get': ['NOT_FOUND'],
  'observations.corrections': ['NOT_FOUND'],
  'recommendations.list': [],
  'recommendations.get': ['NOT_FOUND'],
  'recommendations.generate': ['NOT_FOUND', 'CONFLICT', 'PLAYBOOK_VERSION_MISMATCH'],
  'playbooks.list': [],
  'playbooks.get': ['NOT_FOUND'],
  'playbooks.applyPatch': [
    'NOT_FOUND',
    'CONFLICT',
    'PLAYBOOK_PATCH_INVALID',
    'PLAYBOOK_PATCH_PATH_NOT_ALLOWED',
    'PLAYBOOK_VERSION_MISMATCH',
  ],
  'playbooks.create': ['CONFLICT'],
  'playbooks.publish': ['NOT_FOUND', 'CONFLICT', 'PLAYBOOK_VERSION_MISMATCH'],
  'playbooks.rollBack': ['NOT_FOUND', 'CONFLICT', 'PLAYBOOK_VERSION_MISMATCH'],
  'playbooks.retire': ['NOT_FOUND', 'CONFLICT', 'PLAYBOOK_VERSION_MISMATCH'],
  'proposals.list': [],
  'proposals.get': ['NOT_FOUND'],
  'proposals.approve': ['NOT_FOUND', 'CONFLICT'],
  'proposals.reject': ['NOT_FOUND', 'CONFLICT'],
  'proposals.withdraw': ['NOT_FOUND', 'CONFLICT'],
  'patches.get': ['NOT_FOUND'],
  'weather.live': [],
  'weather.get': ['NOT_FOUND'],
  'audit.list': [],
  'observations.erase': [],
  'audit.state': [],
  'audit.acknowledgeLoss': [],
  'playbooks.versions': ['NOT_FOUND'],
  'session.get': [],
  'overview.get': [],
  'devices.list': [],
  'devices.create': ['CONFLICT'],
  'devices.revoke': ['NOT_FOUND'],
  'devices.readmit': ['NOT_FOUND', 'CONFLICT'],
  'devices.setRole': ['NOT_FOUND', 'CONFLICT'],
  'devices.reissueToken': ['NOT_FOUND', 'CONFLICT'],
  'devices.openEnrollment': ['CONFLICT'],
  'devices.enroll': ['AUTH_REQUIRED', 'RATE_LIMITED', 'ENROLLMENT_INVALID'],
  'devices.upgrade': ['CONFLICT'],
  'devices.rotateKey': [],
  'devices.confirmKey': ['NOT_FOUND'],
  'workspace.settings': [],
  'workspace.changeSettings': ['CONFLICT'],
  'devices.wipe': ['NOT_FOUND'],
  'devices.acknowledgeWipe': ['AUTH_REQUIRED', 'RATE_LIMITED', 'CONFLICT'],
  'security.list': [],
  'services.list': [],
  'services.create': ['NOT_FOUND', 'CONFLICT'],
  'services.rotate': ['NOT_FOUND', 'CONFLICT'],
  'services.grant': ['NOT_FOUND', 'CONFLICT'],
  'services.revoke': ['NOT_FOUND'],
  'people.list': [],
  'people.invitations': [],
  'people.invite': ['CONFLICT'],
  'people.withdrawInvitation': ['NOT_FOUND', 'CONFLICT'],
  'people.setRole': ['NOT_FOUND', 'CONFLICT'],
  'people.endAccess': ['NOT_FOUND', 'CONFLICT'],
  'people.resetLink': ['NOT_FOUND', 'CONFLICT'],
  'grants.list': [],
  'grants.create': ['NOT_FOUND', 'CONFLICT'],
  'grants.revoke': ['NOT_FOUND'],
  'syncs.list': [],
  'syncs.get': ['NOT_FOUND'],
}

/** The error codes of one operation by HTTP status, both in the order of the protocol's table. */
export function operationErrors(
  name: OperationName,
  operation: Operation,
): ReadonlyMap<number, readonly ErrorCode[]> {
  const possible = new Set([
    ...EVERY,
    ...(name === 'health' ? [] : (['CONTRACT_UNSUPPORTED'] as const)),
    ...(operation.right === 'none' ? [] : AUTHENTICATED),
    ...(operation.method === 'POST' ? WRITE : []),
    ...OWN[name],
  ])
  const byStatus = new Map<number, ErrorCode[]>()
  for (const [code, { status }] of Object.entries(ERROR_TABLE)) {
    // Object.entries loses the keys' type.
    if (possible.has(code as ErrorCode))
      byStatus.set(status, [...(byStatus.get(status) ?? []), code as ErrorCode])
  }
  return byStatus
}
