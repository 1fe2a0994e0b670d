import { AUTH_ACTIONS, type AuthReason, SECURITY_KINDS } from '@fieldsync/contracts'

import type { T } from '../../messages/messages.tsx'

const isAuthReason = (reason: string): reason is AuthReason => Object.hasOwn(AUTH_ACTIONS, reason)
const OTHERS = ['ENROLLMENT_INVALID', 'other'] as const

/** Why an attempt was refused, in the person's language; what a newer server names is shown as it is. */
export function reasonText(reason: string, t: T): string {
  if (isAuthReason(reason)) return t(`security.reason.${reason}`)
  const known = OTHERS.find((each) => each === reason)
  return known === undefined ? reason : t(`security.reason.${known}`)
}

/** What was attempted, the same way. */
export function kindText(kind: string, t: T): string {
  const known = SECURITY_KINDS.find((each) => each === kind)
  return known === undefined ? kind : t(`security.kind.${known}`)
}
