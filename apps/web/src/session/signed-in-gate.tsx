import { type FieldsyncError, isFieldsyncError } from '@fieldsync/client'
import { AUTH_ACTIONS } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useEffect, useMemo } from 'react'

import { loadPages, router } from '../app/router.tsx'
import { ErrorNote } from '../components/error-note.tsx'
import { Loading } from '../components/loading.tsx'
import { useMessages } from '../messages/messages.tsx'
import { type Credential, providerOf, shortFingerprint } from '../server/credential.ts'
import { SESSION } from '../server/queries.ts'
import { connectHome, SignedInContext, type SignedInPerson } from '../server/server.ts'
import { credentialStore } from './credential-store.ts'
import { ProveAgain } from './prove-again.tsx'
import type { WaysOut } from './ways-out.ts'

/** How often a key that waits for an administrator is tried. */
const CONFIRMED_MS = 5_000

type Props = WaysOut & {
  /** The same object as long as nothing about it changes. */
  readonly credential: Credential
  readonly person?: SignedInPerson
}

/** The console for who is signed in, until the server says that they no longer are. */
export function SignedInGate({ credential, person, signOut, refuse }: Props) {
  const server = useMemo(() => connectHome(providerOf(credential, credentialStore.accepted)), [credential])
  const { data, error, refetch } = useQuery({
    queryKey: SESSION,
    queryFn: ({ signal }) => server.api.session.get.query({}, { signal }),
    refetchInterval: ({ state }) => (actionOf(state.error) === 'wait' ? CONFIRMED_MS : false),
  })
  // Fetched again after every poke, and when another call is refused: a credential that was revoked ends here.
  const ended = endOf(credential, error)
  // Somebody else has signed in with this browser.
  const isOther = credential.kind === 'person' && data !== undefined && data.deviceId !== credential.deviceId
  useEffect(() => {
    if (ended !== null || isOther) refuse(credential, ended)
  })
  const signedIn = useMemo(
    () =>
      data === undefined || isOther
        ? null
        : {
            session: data,
            server,
            credential,
            signOut: (keepKey: boolean) => signOut(credential, keepKey),
            ...(person === undefined ? {} : { person }),
          },
    [data, isOther, server, credential, signOut, person],
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
        {person === undefined ? null : <ProveAgain person={person.person} />}
      </SignedInContext>
    )
  }
  return (
    <NotYet
      credential={credential}
      error={ended === null ? error : null}
      retry={() => void refetch()}
      signOut={() => signOut(credential, true)}
    />
  )
}

type NotYetProps = {
  readonly credential: Credential
  readonly error: Error | null
  readonly retry: () => void
  readonly signOut: () => Promise<void>
}

/** Until the server has said who is signed in, and where it does not. */
function NotYet({ credential, error, retry, signOut }: NotYetProps) {
  const { t } = useMessages()
  const leaving = useMutation({ mutationFn: signOut })
  return (
    <main className="gate">
      <div>
        <h1 className="visually-hidden">{t('app.name')}</h1>
        {error === null ? (
          <Loading lines={3} />
        ) : (
          <>
            {credential.kind === 'key' && actionOf(error) === 'wait' ? (
              <p className="note waiting" role="status">
                {t('signIn.unconfirmed', { fingerprint: shortFingerprint(credential.key) })}
              </p>
            ) : (
              <ErrorNote error={error} retry={retry} />
            )}
            <Button variant="default" loading={leaving.isPending} onClick={() => leaving.mutate()}>
              {t('signOut')}
            </Button>
            {leaving.error === null ? null : <ErrorNote error={leaving.error} text={t('signOut.failed')} />}
          </>
        )}
      </div>
    </main>
  )
}

/** What the server requires of who it refuses. */
const actionOf = (error: unknown): string | undefined =>
  isFieldsyncError(error, 'AUTH_REQUIRED') ? error.details?.action : undefined

/**
 * A refusal after which the credential is of no use; one of a key may also be about a clock, a proof or a confirmation. A
 * person's access to this workspace may have ended alone, which the server then says of the next one.
 */
function endOf({ kind }: Credential, error: unknown): FieldsyncError | null {
  if (kind === 'person' && isFieldsyncError(error, 'FORBIDDEN')) return error
  if (!isFieldsyncError(error, 'AUTH_REQUIRED')) return null
  return kind !== 'key' || KEY_ENDS.has(actionOf(error) ?? '') ? error : null
}

const KEY_ENDS: ReadonlySet<string> = new Set([AUTH_ACTIONS.invalid, AUTH_ACTIONS.revoked])
