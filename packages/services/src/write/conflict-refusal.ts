import type { SyncConflict } from '@fieldsync/contracts'

import { ServiceError } from '../core/service-error.ts'

/** A conflict of a single-record call as the error that the call answers (section "Errors" of docs/protocol.md). */
export function conflictRefusal(conflict: SyncConflict): ServiceError {
  const { code, message } = conflict
  switch (code) {
    case 'FORBIDDEN':
      // To be fixed in the body: it speaks for another device. Otherwise the caller's rights end here.
      return new ServiceError('FORBIDDEN', message, {
        details: { reason: conflict.resolution === 'fix' ? 'device_mismatch' : 'role', conflict },
      })
    case 'PLAYBOOK_UNKNOWN':
      return new ServiceError('NOT_FOUND', message)
    case 'PLAYBOOK_VERSION_MISMATCH':
      return new ServiceError(code, message, {
        details: { activeVersion: conflict.playbook?.activeVersion, conflict },
      })
    case 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED':
    case 'PLAYBOOK_PATCH_INVALID':
      return new ServiceError(code, message, { details: { issues: conflict.issues ?? [], conflict } })
    default:
      return new ServiceError('CONFLICT', message, { details: { conflict } })
  }
}
