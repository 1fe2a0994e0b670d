import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { ErrorNote } from '../components/error-note.tsx'
import { useTitle } from '../components/page.tsx'
import { useMessages } from '../messages/messages.tsx'
import { EnableTwoFactor } from '../pages/account/enable-two-factor.tsx'
import { ProviderButtons } from '../pages/sign-in/provider-buttons.tsx'
import { SignInFrame } from '../pages/sign-in/sign-in-frame.tsx'
import type { SignedInPerson } from '../server/server.ts'

type Props = {
  readonly signedIn: SignedInPerson
  /** The workspace that requires it. */
  readonly workspaceId: string
  readonly retry: () => void
  readonly signOut: () => Promise<void>
}

/** For a person without a second factor in a workspace that requires one (PEO-22): how they get it, and other ways on. */
export function NeedsSecondFactor({ signedIn, workspaceId, retry, signOut }: Props) {
  const { t } = useMessages()
  useTitle(t('needsFactor.title'))
  const [isOpen, setOpen] = useState(false)
  const leaving = useMutation({ mutationFn: signOut })
  const { person, workspaces, providers, switchTo } = signedIn
  const name = workspaces.find((each) => each.workspaceId === workspaceId)?.name ?? workspaceId
  const connected = providers.filter(({ id }) => person.connectedProviders?.includes(id))
  return (
    <SignInFrame title={t('needsFactor.title')}>
      <p>{t('needsFactor.lead', { workspace: name })}</p>
      {leaving.error === null ? null : <ErrorNote error={leaving.error} text={t('signOut.failed')} />}
      <div className="row">
        {person.twoFactor ? (
          <Button autoFocus onClick={retry}>
            {t('error.retry')}
          </Button>
        ) : (
          <Button autoFocus onClick={() => setOpen(true)}>
            {t('twoFactor.enable')}
          </Button>
        )}
        <ProviderButtons providers={connected} label="signIn.provider" />
        {workspaces
          .filter((each) => each.workspaceId !== workspaceId)
          .map((each) => (
            <Button key={each.workspaceId} variant="default" onClick={() => switchTo(each.workspaceId)}>
              {t('needsFactor.open', { workspace: each.name })}
            </Button>
          ))}
        <Button variant="default" loading={leaving.isPending} onClick={() => leaving.mutate()}>
          {t('signOut')}
        </Button>
      </div>
      {isOpen ? (
        <EnableTwoFactor
          email={person.email}
          close={() => {
            setOpen(false)
            retry()
          }}
        />
      ) : null}
    </SignInFrame>
  )
}
