import { type FieldsyncError, isFieldsyncError } from '@fieldsync/client'

import type { T } from '../../messages/messages.tsx'

const MINUTE_MS = 60_000

/**
 * How long somebody waits who has tried too often, that a password takes a secure address, and that a chosen one is easy to guess;
 * undefined for any other error, which has a text of its own.
 */
export function signInErrorText(error: unknown, t: T): string | undefined {
  if (isFieldsyncError(error, 'FORBIDDEN') && error.details?.reason === 'https') return t('signIn.needsHttps')
  if (isFieldsyncError(error, 'VALIDATION_ERROR') && isAboutPassword(error)) return t('password.guessable')
  if (!isFieldsyncError(error, 'RATE_LIMITED')) return undefined
  const { retryAfterMs } = error
  return retryAfterMs === undefined
    ? t('signIn.tooMany')
    : t('signIn.tooMany.minutes', { count: Math.max(1, Math.ceil(retryAfterMs / MINUTE_MS)) })
}

// Its length was checked before it was sent.
const isAboutPassword = ({ details }: FieldsyncError<'VALIDATION_ERROR'>): boolean =>
  (details?.issues ?? []).some(({ path }) => path === '/password' || path === '/newPassword')

/** The same for the link of an invitation, which may have ended. */
export function invitationErrorText(error: unknown, t: T): string | undefined {
  if (isFieldsyncError(error, 'ENROLLMENT_INVALID')) return t('accept.invalid')
  return signInErrorText(error, t)
}
