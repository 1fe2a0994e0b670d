import { WORKSPACE_HEADER } from '@fieldsync/contracts'

import type { CredentialProvider } from '../credentials/credential-provider.ts'

type PersonSessionOptions = {
  readonly workspaceId: string
  /** The person as the workspace's records name them: tabs of the same one share a live stream (LIV-11). */
  readonly deviceId: string
  /** Lets the person prove again who they are, where the server requires that of a change (APP-79). */
  readonly reauthenticate: () => Promise<boolean>
}

/**
 * A person who has signed in with this browser, in one of their workspaces (APP-78): the browser's cookie, which no script can
 * read, identifies them. There is nothing to renew.
 */
export const personSession = ({
  workspaceId,
  deviceId,
  reauthenticate,
}: PersonSessionOptions): CredentialProvider => ({
  name: `${workspaceId} ${deviceId}`,
  sendsCookies: true,
  headers: () => ({ [WORKSPACE_HEADER]: workspaceId }),
  renew: () => Promise.resolve(false),
  reauthenticate,
})
