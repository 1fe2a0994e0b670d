import { isFieldsyncError } from '@fieldsync/client'
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useState } from 'react'

import { loadPages, router } from '../app/router.tsx'
import { ErrorNote } from '../components/error-note.tsx'
import { Loading } from '../components/loading.tsx'
import { useMessages } from '../messages/messages.tsx'
import { SignIn } from '../pages/sign-in/sign-in.tsx'
import { SESSION } from '../server/queries.ts'
import { connectHome, SignedInContext } from '../server/server.ts'
import { tokenStore } from './token-store.ts'

/** Lets in who has a token that the server takes; everybody else is asked for one. */
export function Gate() {
  const [token, setToken] = useState(tokenStore.read)
  const [refused, setRefused] = useState(false)
  const queries = useQueryClient()
  const leave = useCallback(() => {
    tokenStore.forget()
    queries.clear()
    setToken(null)
  }, [queries])
  const signOut = useCallback(() => {
    tokenStore.signOut()
    leave()
  }, [leave])
  useEffect(() => tokenStore.onSignedOut(leave), [leave])
  const enter = (next: string, remember: boolean): void => {
    tokenStore.keep(next, remember)
    setRefused(false)
    setToken(next)
  }
  if (token === null) return <SignIn enter={enter} refused={refused} />
  const refuse = (): void => {
    setRefused(true)
    leave()
  }
  return <SignedInGate key={token} token={token} signOut={signOut} refuse={refuse} />
}

type GateProps = { token: string; signOut: () => void; refuse: () => void }

function SignedInGate({ token, signOut, refuse }: GateProps) {
  const { t } = useMessages()
  const server = useMemo(() => connectHome(token), [token])
  const { data, error, refetch } = useQuery({
    queryKey: SESSION,
    queryFn: ({ signal }) => server.api.session.get.query({}, { signal }),
  })
  // Fetched again after every poke, and when another call is refused: a token that was revoked ends here.
  const invalid = isFieldsyncError(error, 'AUTH_REQUIRED')
  useEffect(() => {
    if (invalid) refuse()
  })
  const signedIn = useMemo(
    () => (data === undefined ? null : { session: data, server, signOut }),
    [data, server, signOut],
  )
  const isIn = signedIn !== null
  useEffect(() => {
    // What cannot be loaded now is tried again when its page is opened.
    if (isIn) void loadPages().catch(() => undefined)
  }, [isIn])
  if (signedIn !== null) {
    return (
      <SignedInContext value={signedIn}>
        <RouterProvider router={router} />
      </SignedInContext>
    )
  }
  return (
    <main className="gate">
      <div>
        <h1 className="visually-hidden">{t('app.name')}</h1>
        {error === null || invalid ? (
          <Loading lines={3} />
        ) : (
          <>
            <ErrorNote error={error} retry={() => void refetch()} />
            <Button variant="default" onClick={signOut}>
              {t('signOut')}
            </Button>
          </>
        )}
      </div>
    </main>
  )
}
