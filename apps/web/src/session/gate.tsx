import { type FieldsyncError, isFieldsyncError } from '@fieldsync/client'
import { browserLink } from '@fieldsync/client/opened-link'
import { AUTH_ACTIONS } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'

import { loadPages, router } from '../app/router.tsx'
import { ErrorNote } from '../components/error-note.tsx'
import { Loading } from '../components/loading.tsx'
import { useMessages } from '../messages/messages.tsx'
import { type Refusal, SignIn } from '../pages/sign-in/sign-in.tsx'
import { type Credential, providerOf, removeKey, shortFingerprint } from '../server/credential.ts'
import { SESSION } from '../server/queries.ts'
import { connectHome, SignedInContext } from '../server/server.ts'
import { credentialStore } from './credential-store.ts'

const openedLink = browserLink()

/** How often a key that waits for an administrator is tried. */
const CONFIRMED_MS = 5_000

/** Lets in who has a credential that the server takes; everybody else is asked for one. */
export function Gate() {
  const [credential, setCredential] = useState(credentialStore.read)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const link = useSyncExternalStore(openedLink.subscribe, openedLink.current)
  const queries = useQueryClient()
  const leave = useCallback(() => {
    queries.clear()
    setCredential(null)
  }, [queries])
  const signOut = useCallback(
    (keepKey: boolean) => {
      const key = credentialStore.key()
      credentialStore.signOut(keepKey)
      // What cannot be removed was forgotten all the same.
      if (key !== null && !keepKey) void removeKey(key).catch(() => undefined)
      leave()
    },
    [leave],
  )
  useEffect(() => credentialStore.onSignedOut(leave), [leave])
  const enter = (next: Credential, remember: boolean): void => {
    const former = credentialStore.key()
    if (next.kind === 'token') credentialStore.keepToken(next.token, remember)
    else {
      credentialStore.keepKey(next.key)
      if (former !== null && former.name !== next.key.name) void removeKey(former).catch(() => undefined)
    }
    openedLink.forget()
    queries.clear()
    setRefusal(null)
    setCredential(next)
  }
  if (credential === null || link !== null) {
    const isIn = credential !== null
    return (
      <SignIn
        key={link}
        link={link}
        known={credentialStore.key()}
        isIn={isIn}
        refusal={refusal}
        enter={enter}
        ignoreLink={openedLink.forget}
      />
    )
  }
  const refuse = (error: FieldsyncError): void => {
    setRefusal({ kind: credential.kind, error })
    credentialStore.refused(credential)
    leave()
  }
  const identity = credential.kind === 'token' ? credential.token : credential.key.name
  return <SignedInGate key={identity} credential={credential} signOut={signOut} refuse={refuse} />
}

type GateProps = {
  credential: Credential
  signOut: (keepKey: boolean) => void
  refuse: (error: FieldsyncError) => void
}

function SignedInGate({ credential, signOut, refuse }: GateProps) {
  const { t } = useMessages()
  const server = useMemo(() => connectHome(providerOf(credential, credentialStore.accepted)), [credential])
  const { data, error, refetch } = useQuery({
    queryKey: SESSION,
    queryFn: ({ signal }) => server.api.session.get.query({}, { signal }),
    refetchInterval: ({ state }) => (actionOf(state.error) === 'wait' ? CONFIRMED_MS : false),
  })
  // Fetched again after every poke, and when another call is refused: a credential that was revoked ends here.
  const ended = endOf(credential, error)
  useEffect(() => {
    if (ended !== null) refuse(ended)
  })
  const signedIn = useMemo(
    () => (data === undefined ? null : { session: data, server, credential, signOut }),
    [data, server, credential, signOut],
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
        {error === null || ended !== null ? (
          <Loading lines={3} />
        ) : (
          <>
            {credential.kind === 'key' && actionOf(error) === 'wait' ? (
              <p className="note waiting" role="status">
                {t('signIn.unconfirmed', { fingerprint: shortFingerprint(credential.key) })}
              </p>
            ) : (
              <ErrorNote error={error} retry={() => void refetch()} />
            )}
            <Button variant="default" onClick={() => signOut(true)}>
              {t('signOut')}
            </Button>
          </>
        )}
      </div>
    </main>
  )
}

/** What the server requires of who it refuses. */
const actionOf = (error: unknown): string | undefined =>
  isFieldsyncError(error, 'AUTH_REQUIRED') ? error.details?.action : undefined

/** A refusal after which the credential is of no use; one of a key may also be about a clock, a proof or a confirmation. */
function endOf({ kind }: Credential, error: unknown): FieldsyncError | null {
  if (!isFieldsyncError(error, 'AUTH_REQUIRED')) return null
  return kind === 'token' || KEY_ENDS.has(actionOf(error) ?? '') ? error : null
}

const KEY_ENDS: ReadonlySet<string> = new Set([AUTH_ACTIONS.invalid, AUTH_ACTIONS.revoked])
