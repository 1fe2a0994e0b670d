import { connectServer, deviceToken, type FieldsyncApi, type ServerConnection } from '@fieldsync/client'
import type { Session } from '@fieldsync/contracts'
import { browserTabs } from '@fieldsync/sync-engine/stores/browser-tabs'
import { createContext, use } from 'react'

import { mayCall, type REQUIRED } from './rights.ts'

/** The server that this page came from, called with a token. */
export const connectHome = (token: string): ServerConnection =>
  connectServer({ url: globalThis.location.origin, credentials: deviceToken(token), tabs: browserTabs() })

/** Who is signed in, and its way to the server. */
type SignedIn = {
  readonly session: Session
  readonly server: ServerConnection
  readonly signOut: () => void
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
