import type { DeviceRole, ProviderError, StartedTwoFactor, WorkspaceId } from '@fieldsync/contracts'

/** What a person enters as their second factor. */
export type SecondFactor = { readonly code: string } | { readonly recoveryCode: string }

/** Somebody whom a provider has authenticated. */
export type ProvidedPerson = {
  readonly personId: string
  /** Of each workspace whose roles the provider determines: the person's, null for none. */
  readonly roles: readonly { readonly workspaceId: WorkspaceId; readonly role: DeviceRole | null }[]
  /** Whether an account that there was is connected with the provider from now on (PEO-20). */
  readonly isNewlyConnected: boolean
}

/**
 * The credentials of people: passwords, second factors, identity providers. What is behind it begins no session of ours, knows
 * nothing of workspaces and is reachable by nothing else (decision 0029).
 */
export type IdentityPort = {
  /** The organization's own identity providers that a person can sign in with. */
  readonly providers: readonly { readonly id: string; readonly name: string }[]
  /** Whether a password is among the first that somebody would try who knows the context (PEO-21). */
  isGuessable(password: string, context: readonly string[]): Promise<boolean>
  /** What is stored of a password. */
  hashPassword(password: string): Promise<string>
  /** Whether this is the person's password; false for one who has none. */
  checkPassword(personId: string, password: string): Promise<boolean>
  /** Undefined for a wrong address or password, after the same work. */
  signIn(
    email: string,
    password: string,
  ): Promise<{ readonly personId: string } | { readonly challenge: string } | undefined>
  /** The person whom a challenge is for; undefined for one that has expired, or is none. */
  challenged(challenge: string): Promise<string | undefined>
  answerChallenge(challenge: string, factor: SecondFactor): Promise<{ readonly personId: string } | undefined>
  /** Undefined for a wrong password. */
  startTwoFactor(sessionToken: string, password: string): Promise<StartedTwoFactor | undefined>
  /** Whether this is a code of the person's app; the first one turns the second factor on. */
  checkCode(sessionToken: string, code: string): Promise<boolean>
  /** False for a wrong password. */
  stopTwoFactor(sessionToken: string, password: string): Promise<boolean>
  /** Where to send the browser, and what it brings back. Undefined for an unknown provider. */
  startProvider(
    providerId: string,
  ): Promise<{ readonly url: string; readonly state: string } | 'unavailable' | undefined>
  finishProvider(
    providerId: string,
    query: Readonly<Record<string, string>>,
    state: string | undefined,
    /** The person as whom the browser is signed in already. */
    signedInAs: string | undefined,
  ): Promise<ProvidedPerson | { readonly error: ProviderError }>
}
