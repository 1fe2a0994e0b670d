import { browserLink } from '@fieldsync/client/opened-link'
import type { AuthSession } from '@fieldsync/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'

import { Loading } from '../components/loading.tsx'
import { PersonLinkPage } from '../pages/sign-in/person-link-page.tsx'
import { type Refusal, SignIn } from '../pages/sign-in/sign-in.tsx'
import { AUTH, auth, forgetLoaded, useAuthSession } from '../server/auth.ts'
import { type DeviceCredential, removeKey } from '../server/credential.ts'
import { credentialStore } from './credential-store.ts'
import { PersonGate } from './person-gate.tsx'
import { openedForPerson } from './person-link.ts'
import { SignedInGate } from './signed-in-gate.tsx'
import { useWaysOut } from './ways-out.ts'
import { workspaceChoice } from './workspace-choice.ts'

const openedLink = browserLink()
const opened = openedForPerson()

/** Lets in who has a credential of a device that the server takes, or has signed in as a person; all others are asked. */
export function Gate() {
  const [credential, setCredential] = useState(credentialStore.read)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const link = useSyncExternalStore(openedLink.subscribe, openedLink.current)
  const personLink = useSyncExternalStore(opened.subscribe, opened.link)
  const session = useAuthSession(credential === null || personLink !== null)
  const queries = useQueryClient()
  const leave = useCallback(() => {
    forgetLoaded(queries)
    setCredential(null)
  }, [queries])
  const { signOut, refuse } = useWaysOut(leave, setRefusal)
  useElsewhere(leave)
  const hasPerson = (session.data?.person ?? null) !== null
  const enter = (next: DeviceCredential, remember: boolean): void => {
    const former = credentialStore.key()
    if (next.kind === 'token') credentialStore.keepToken(next.token, remember)
    else {
      credentialStore.keepKey(next.key)
      if (former !== null && former.name !== next.key.name) void removeKey(former).catch(() => undefined)
    }
    openedLink.forget()
    // A person who chose to go on as a device; its calls carry no cookie in any case.
    if (hasPerson) void auth('signOut', {}).catch(() => undefined)
    forgetLoaded(queries)
    setRefusal(null)
    setCredential(next)
  }
  const personCame = (): void => {
    credentialStore.personCame()
    opened.forget()
    setRefusal(null)
    leave()
  }
  if (personLink !== null) {
    return (
      <PersonLinkPage
        key={personLink.code}
        link={personLink}
        session={session}
        onAccepted={(workspaceId) => {
          workspaceChoice.keep(workspaceId, { tab: sessionStorage, browser: localStorage })
          personCame()
        }}
        onSignedIn={() => {
          credentialStore.personCame()
          leave()
        }}
        signOut={() => signOut({ kind: 'person' }, true)}
        ignore={opened.forget}
      />
    )
  }
  if (credential === null && link === null && hasPerson) {
    return (
      <PersonGate
        session={session}
        refusal={refusal}
        providerError={opened.providerError()}
        signOut={signOut}
        refuse={refuse}
      />
    )
  }
  if (credential === null && session.isPending) return <Waiting />
  if (credential === null || link !== null) {
    return (
      <SignIn
        key={link}
        link={link}
        known={credentialStore.key()}
        isIn={credential !== null || hasPerson}
        refusal={refusal}
        providerError={opened.providerError()}
        session={session}
        enter={enter}
        personCame={personCame}
        ignoreLink={openedLink.forget}
      />
    )
  }
  const identity = credential.kind === 'token' ? credential.token : credential.key.name
  return <SignedInGate key={identity} credential={credential} signOut={signOut} refuse={refuse} />
}

/** What happens in other tabs (APP-46, APP-83); one with the credential of a device keeps that when a person comes. */
function useElsewhere(leave: () => void): void {
  const queries = useQueryClient()
  useEffect(() => {
    const follow = async (): Promise<void> => {
      const next = await auth('session', {}).catch(() => undefined)
      const current = queries.getQueryData<AuthSession>(AUTH)
      const isSame = next?.person != null && next.person.personId === current?.person?.personId
      if (isSame) queries.setQueryData(AUTH, next)
      else leave()
    }
    return credentialStore.onElsewhere((what) => {
      if (what === 'signed out') leave()
      else if (credentialStore.read() === null) void follow()
    })
  }, [leave, queries])
}

function Waiting() {
  return (
    <main className="gate">
      <div>
        <Loading lines={3} />
      </div>
    </main>
  )
}
