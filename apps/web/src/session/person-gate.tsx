import { isFieldsyncError } from '@fieldsync/client'
import type { ProviderError } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useMemo, useState } from 'react'

import { router } from '../app/router.tsx'
import { ErrorNote } from '../components/error-note.tsx'
import { useTitle } from '../components/page.tsx'
import { useMessages } from '../messages/messages.tsx'
import { SignInFrame } from '../pages/sign-in/sign-in-frame.tsx'
import type { Refusal } from '../pages/sign-in/sign-in.tsx'
import { AUTH, type AuthSessionQuery } from '../server/auth.ts'
import type { Credential } from '../server/credential.ts'
import type { SignedInPerson } from '../server/server.ts'
import { SignedInGate } from './signed-in-gate.tsx'
import type { WaysOut } from './ways-out.ts'
import { workspaceChoice } from './workspace-choice.ts'

// Not in the page's first script: few need it, and it brings QR codes.
const NeedsSecondFactor = lazy(async () => ({
  default: (await import('./needs-second-factor.tsx')).NeedsSecondFactor,
}))

const stores = { tab: sessionStorage, browser: localStorage } as const

type Props = WaysOut & {
  readonly session: AuthSessionQuery
  readonly refusal: Refusal | null
  readonly providerError: ProviderError | null
}

/** A person who has signed in: in one of their workspaces, where they have any (APP-78, APP-83). */
export function PersonGate({ session, refusal, providerError, signOut, refuse }: Props) {
  const queries = useQueryClient()
  const person = session.data?.person
  const workspaces = session.data?.workspaces
  const providers = session.data?.providers
  // Chosen again with each change of what is stored.
  const [, setSwitched] = useState(0)
  const switchTo = useCallback(
    (workspaceId: string) => {
      workspaceChoice.keep(workspaceId, stores)
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== AUTH[0] })
      void router.navigate({ to: '/' })
      setSwitched((count) => count + 1)
    },
    [queries],
  )
  const signedIn = useMemo<SignedInPerson | undefined>(
    () =>
      person && workspaces && providers
        ? { person, workspaces, providers, providerError, switchTo }
        : undefined,
    [person, workspaces, providers, providerError, switchTo],
  )
  const chosen = workspaceChoice.of(workspaces ?? [], stores)
  const { workspaceId, deviceId } = chosen ?? {}
  const credential = useMemo<Credential | undefined>(
    () => (workspaceId && deviceId ? { kind: 'person', workspaceId, deviceId } : undefined),
    [workspaceId, deviceId],
  )
  if (signedIn === undefined) return null
  // The server still names a workspace that it has just refused: nothing would change by trying again at once.
  const isRefused = refusal?.credential.kind === 'person' && refusal.credential.workspaceId === workspaceId
  if (
    isRefused &&
    isFieldsyncError(refusal.error, 'FORBIDDEN') &&
    refusal.error.details?.reason === 'second_factor'
  )
    return (
      <Suspense>
        <NeedsSecondFactor
          signedIn={signedIn}
          workspaceId={refusal.credential.workspaceId}
          retry={() => refuse(refusal.credential, null)}
          signOut={() => signOut({ kind: 'person' }, true)}
        />
      </Suspense>
    )
  if (credential === undefined || isRefused) {
    return (
      <NoWorkspace
        name={signedIn.person.name}
        refusal={isRefused ? refusal : null}
        retry={() => {
          if (isRefused) refuse(refusal.credential, null)
          else void session.refetch()
        }}
        signOut={() => signOut({ kind: 'person' }, true)}
      />
    )
  }
  return (
    <SignedInGate
      key={`${workspaceId} ${deviceId}`}
      credential={credential}
      person={signedIn}
      signOut={signOut}
      refuse={refuse}
    />
  )
}

type NoWorkspaceProps = {
  readonly name: string
  readonly refusal: Refusal | null
  readonly retry: () => void
  readonly signOut: () => Promise<void>
}

/** For a person without access to any workspace, such as one whose access has ended. */
function NoWorkspace({ name, refusal, retry, signOut }: NoWorkspaceProps) {
  const { t } = useMessages()
  useTitle(t('noWorkspace.title'))
  const leaving = useMutation({ mutationFn: signOut })
  return (
    <SignInFrame title={t('noWorkspace.title')}>
      <p>{t('noWorkspace.lead', { name })}</p>
      {refusal === null ? null : <ErrorNote error={refusal.error} text={t('noWorkspace.refused')} />}
      {leaving.error === null ? null : <ErrorNote error={leaving.error} text={t('signOut.failed')} />}
      <div className="row">
        <Button autoFocus onClick={retry}>
          {t('error.retry')}
        </Button>
        <Button variant="default" loading={leaving.isPending} onClick={() => leaving.mutate()}>
          {t('signOut')}
        </Button>
      </div>
    </SignInFrame>
  )
}
