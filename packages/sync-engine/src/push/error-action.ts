import type { ErrorCode } from '@fieldsync/contracts'

/**
 * What the device does about a refusal of a batch:
 * `quarantine` the records it names, the rest goes out anew · `split` the batch · `reset` the cursor and pull everything ·
 * `renew` the credential, once · `pull` first, then send under a new `syncId` · `retry` the same bytes · `forbidden`: by
 * its reason, wait for another credential or go on without sending · `stop` and tell.
 */
export type ErrorAction = 'quarantine' | 'split' | 'reset' | 'renew' | 'pull' | 'retry' | 'forbidden' | 'stop'

/** Every code with its action; a new code does not compile until it has one (ENG-13). */
export const ERROR_ACTIONS: Readonly<Record<ErrorCode, ErrorAction>> = {
  VALIDATION_ERROR: 'quarantine',
  PAYLOAD_TOO_LARGE: 'split',
  CURSOR_INVALID: 'reset',
  AUTH_REQUIRED: 'renew',
  IDEMPOTENCY_CONFLICT: 'pull',
  FORBIDDEN: 'forbidden',
  RATE_LIMITED: 'retry',
  UNAVAILABLE: 'retry',
  INTERNAL_ERROR: 'retry',
  // What is at that address is not the batch operation of this contract.
  NOT_FOUND: 'stop',
  METHOD_NOT_ALLOWED: 'stop',
  UNSUPPORTED_MEDIA_TYPE: 'stop',
  // Codes of single-record calls: a batch tells of these as conflicts, so here they are a mistake of the server.
  CONFLICT: 'stop',
  PLAYBOOK_VERSION_MISMATCH: 'stop',
  PLAYBOOK_PATCH_PATH_NOT_ALLOWED: 'stop',
  PLAYBOOK_PATCH_INVALID: 'stop',
}
