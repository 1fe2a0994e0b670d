import { isOlderContract, UNANNOUNCED_CONTRACT_VERSION, WIPE_CONTRACT_VERSION } from '@fieldsync/contracts'

import type { AdminContext } from '../core/context.ts'
import { authRequired, ServiceError } from '../core/service-error.ts'

/**
 * The refusal of a revoked service. It enrolls nowhere by itself: whoever runs it gives it the credentials of another one, or its
 * new secret (ACC-1).
 */
export const revokedService = (message = 'This service was revoked.'): ServiceError =>
  new ServiceError('AUTH_REQUIRED', message, { details: { reason: 'revoked', action: 'authenticate' } })

/** SQL: whether the device `d` has a remote wipe to acknowledge. */
export const IS_TO_BE_WIPED = '(d.wipe_requested_at IS NOT NULL AND d.wipe_acknowledged_at IS NULL)'

/**
 * The refusal of a revoked device by a credential of it that has not ended. A device that is to be wiped has to delete what
 * it has stored; a build that does not know how gets `revoked`, and keeps its queue (WIP-2).
 */
export function revokedDevice({ request }: AdminContext, isToBeWiped: boolean): ServiceError {
  const { contract = UNANNOUNCED_CONTRACT_VERSION } = request
  return isToBeWiped && !isOlderContract(contract, WIPE_CONTRACT_VERSION)
    ? authRequired('wipe', 'This device is to be wiped: delete what it has stored, then acknowledge it.')
    : authRequired('revoked', 'This device was revoked; enroll it again.')
}
