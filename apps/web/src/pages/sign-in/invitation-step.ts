import type { AuthSession, InvitationDetails } from '@fieldsync/contracts'

/**
 * How an invitation is accepted: by a new account whose address the person chooses, or the
 * invitation has; by who is signed in; or not before
 * its person has signed in, or somebody else has signed out (APP-77).
 */
export type InvitationStep = 'first' | 'new' | 'join' | 'signIn' | 'other'

export function invitationStep(
  { email, accountExists }: Pick<InvitationDetails, 'email' | 'accountExists'>,
  person: AuthSession['person'],
): InvitationStep {
  if (person !== null) {
    const isTheirs = email === null || person.email.toLowerCase() === email.toLowerCase()
    return isTheirs ? 'join' : 'other'
  }
  if (email === null) return 'first'
  return accountExists ? 'signIn' : 'new'
}
