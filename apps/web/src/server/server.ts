import {
  connectServer,
  type CredentialProvider,
  type FieldsyncApi,
  type ServerConnection,
} from '@fieldsync/client'
import type { AuthSession, ProviderError, Session } from '@fieldsync/contracts'
import { browserTabs } from '@fieldsync/sync-engine/stores/browser-tabs'
import { createContext, use } from 'react'

import { type Credential, homeUrl } from './credential.ts'
import { mayCall, type REQUIRED } from './rights.ts'

/** The server that this page came from. */
export const connectHome = (credentials: CredentialProvider): ServerConnection =>
  connectServer({ url: homeUrl(), credentials, tabs: browserTabs() })

/** Who is signed in, and its way to the server. */
type SignedIn = {
  readonly session: Session
  readonly server: ServerConnection
  readonly credential: Credential
  /** Absent where a device is signed in. */
  readonly person?: SignedInPerson
  /**
   * @param keepKey whether this browser's key, if it has one, stays in it
   * @throws NetworkError, FieldsyncError where a person's session could not be ended: it goes on
   */
  readonly signOut: (keepKey: boolean) => Promise<void>
}

/** A person who has signed in, and the workspaces in which they have a role. */
export type SignedInPerson = {
  readonly person: NonNullable<AuthSession['person']>
  readonly workspaces: AuthSession['workspaces']
  readonly providers: AuthSession['providers']
  /** Why connecting the account has failed, where the page was opened with that. */
  readonly providerError: ProviderError | null
  readonly switchTo: (workspaceId: string) => void
}

export const SignedInContext = createContext<SignedIn | null>(null)

export function useSignedIn(): SignedIn {
  const signedIn = use(SignedInContext)
  if (signedIn === null) throw new Error('no SignedInContext around this component')
  return signedIn
}

export const useApi = (): FieldsyncApi => useSignedIn().server.api

/** Whether the signed-in device may do something; what it may not do is not shown. */
export const useMay = (operation: keyof typeof REQUIRED): boolean => mayCall(useSignedIn().session, operation)
