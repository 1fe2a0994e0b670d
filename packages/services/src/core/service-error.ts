import {
  AUTH_ACTIONS,
  type AuthReason,
  type ErrorCode,
  type ForbiddenReason,
  type GenerationReason,
  MAX_ISSUES,
  type PeopleReason,
  type PublishingReason,
  type SettingsReason,
  type ValidationIssue,
} from '@fieldsync/contracts'

export type ErrorDetails = Readonly<Record<string, unknown>>

/**
 * A refusal that the caller gets: one code of the contract's error table. Inside the services it is a value wherever
 * something depends on it; verbs throw it to their caller.
 */
export class ServiceError extends Error {
  override readonly name: string = 'ServiceError'
  readonly code: ErrorCode
  readonly details: ErrorDetails | undefined
  /** For 429 and 503: when it may be tried again. */
  readonly retryAfterSeconds: number | undefined
  /** Whose credential was refused, where it was one that the server had given: for the security log, and never sent. */
  about: { readonly workspaceId: string; readonly deviceId: string } | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: ErrorDetails; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** The refusal of a credential that the server had given, with whose it is. */
export function refusalOf(
  { workspaceId, deviceId }: { readonly workspaceId: string; readonly deviceId: string },
  refusal: ServiceError,
): ServiceError {
  refusal.about = { workspaceId, deviceId }
  return refusal
}

/** Every violation of the contract in one answer (ERR-5); `more`: issues found but not listed. */
export function validationError(issues: readonly ValidationIssue[], more = 0): ServiceError {
  const listed = issues.slice(0, MAX_ISSUES)
  const unlisted = more + issues.length - listed.length
  return new ServiceError('VALIDATION_ERROR', 'The request does not match the contract.', {
    details: { issues: listed, ...(unlisted > 0 ? { more: unlisted } : {}) },
  })
}

export const authRequired = (reason: AuthReason, message: string): ServiceError =>
  new ServiceError('AUTH_REQUIRED', message, { details: { reason, action: AUTH_ACTIONS[reason] } })

export const forbidden = (reason: ForbiddenReason, message: string): ServiceError =>
  new ServiceError('FORBIDDEN', message, { details: { reason } })

/** The refusal of a pre-shared token in a workspace that accepts none any more (ACC-25). */
export const tokenRefused = (): ServiceError =>
  authRequired(
    'token_refused',
    'This workspace no longer accepts device tokens; enroll this device with a key.',
  )

/** @param more what a client needs besides the reason */
export const settingsConflict = (
  reason: SettingsReason,
  message: string,
  more: ErrorDetails = {},
): ServiceError => new ServiceError('CONFLICT', message, { details: { reason, ...more } })

export const publishingConflict = (
  reason: PublishingReason,
  message: string,
  more: ErrorDetails = {},
): ServiceError => new ServiceError('CONFLICT', message, { details: { reason, ...more } })

export const generationConflict = (reason: GenerationReason, message: string): ServiceError =>
  new ServiceError('CONFLICT', message, { details: { reason } })

export const peopleConflict = (reason: PeopleReason, message: string): ServiceError =>
  new ServiceError('CONFLICT', message, { details: { reason } })

export const notFound = (what: string, id: string): ServiceError =>
  new ServiceError('NOT_FOUND', `There is no ${what} ${id} in this workspace.`)

export const unavailable = (message: string, cause?: unknown): ServiceError =>
  new ServiceError('UNAVAILABLE', message, { retryAfterSeconds: 2, cause })

/** The device's rights changed while the request was under way: the next try is decided by the new ones. */
export class CredentialChanged extends ServiceError {
  override readonly name = 'CredentialChanged'

  constructor() {
    super('UNAVAILABLE', 'The rights of this device changed while the request was under way; try again.', {
      retryAfterSeconds: 1,
    })
  }
}
