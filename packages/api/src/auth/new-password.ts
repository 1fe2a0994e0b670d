import { validationError } from '@fieldsync/services'

import type { AuthRequest } from './auth-request.ts'

const GUESSABLE =
  'is one of the first passwords that somebody would try: it is common, or contains a name or an address'

/** A password that a person has chosen, and what is known of them. */
type Chosen = {
  readonly password: string
  /** The member of the body that it is in. */
  readonly field: 'password' | 'newPassword'
  readonly context: readonly (string | null | undefined)[]
}

/**
 * What is stored of a password that a person chooses.
 * @throws ServiceError VALIDATION_ERROR for one that is easy to guess (PEO-21)
 */
export async function hashNewPassword(
  { identity }: AuthRequest,
  { password, field, context }: Chosen,
): Promise<string> {
  const known = context.filter((each) => typeof each === 'string')
  if (await identity.isGuessable(password, known))
    throw validationError([{ path: `/${field}`, message: GUESSABLE }])
  return await identity.hashPassword(password)
}
