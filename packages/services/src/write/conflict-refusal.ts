import type { ErrorCode, SyncConflict } from '@fieldsync/contracts'

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
      if (conflict.reason === 'grant') {
        return new ServiceError('FORBIDDEN', message, {
          details: { reason: 'grant', issues: conflict.issues ?? [], conflict },
        })
      }
      if (conflict.reason === 'four_eyes')
        return new ServiceError('FORBIDDEN', message, { details: { reason: 'four_eyes', conflict } })
      return withIssues(conflict, code)
    case 'PLAYBOOK_PATCH_INVALID':
      return withIssues(conflict, code)
    default:
      return new ServiceError('CONFLICT', message, { details: { conflict } })
  }
}

const withIssues = (conflict: SyncConflict, code: ErrorCode): ServiceError =>
  new ServiceError(code, conflict.message, { details: { issues: conflict.issues ?? [], conflict } })
