import type { FieldsyncError } from '@fieldsync/client'
import { useCallback } from 'react'

import type { Refusal } from '../pages/sign-in/sign-in.tsx'
import { auth } from '../server/auth.ts'
import { type Credential, removeKey } from '../server/credential.ts'
import { credentialStore } from './credential-store.ts'

/** How a session ends: by the person, or by the server. */
export function useWaysOut(leave: () => void, setRefusal: (refusal: Refusal | null) => void) {
  const signOut = useCallback(
    async ({ kind }: Pick<Credential, 'kind'>, keepKey: boolean) => {
      // The browser's cookie goes with the server's answer alone.
      if (kind === 'person') await auth('signOut', {})
      const key = credentialStore.key()
      credentialStore.signOut(keepKey)
      // What cannot be removed was forgotten all the same.
      if (key !== null && !keepKey) void removeKey(key).catch(() => undefined)
      setRefusal(null)
      leave()
    },
    [leave, setRefusal],
  )
  const refuse = useCallback(
    (credential: Credential, error: FieldsyncError | null) => {
      setRefusal(error === null ? null : { credential, error })
      if (credential.kind !== 'person') credentialStore.refused(credential)
      leave()
    },
    [leave, setRefusal],
  )
  return { signOut, refuse }
}

export type WaysOut = ReturnType<typeof useWaysOut>
