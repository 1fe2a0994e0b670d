import { isFieldsyncError } from '@fieldsync/client'
import type { InvitationDetails } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'

import { ErrorNote } from '../../components/error-note.tsx'
import { Loading } from '../../components/loading.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { auth, type AuthSessionQuery } from '../../server/auth.ts'
import { AsPerson } from './as-person.tsx'
import { invitationStep } from './invitation-step.ts'
import { NewAccount } from './new-account.tsx'
import { invitationErrorText } from './sign-in-error-text.ts'

type Props = {
  readonly code: string
  readonly session: AuthSessionQuery
  readonly onAccepted: (workspaceId: string) => void
  readonly onSignedIn: () => void
  readonly signOut: () => Promise<void>
  readonly ignore: () => void
}

/** What a link invites to, and how the person accepts it: with a new account, or as who they are already (APP-77). */
export function Accept(props: Props) {
  const { code, session, ignore } = props
  const { t } = useMessages()
  const look = useQuery({
    queryKey: ['invitation', code],
    queryFn: ({ signal }) => auth('invitation', { code }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const isGone = isFieldsyncError(look.error, 'ENROLLMENT_INVALID')
  const failed = look.error ?? session.error
  if (look.data === undefined || session.data === undefined) {
    if (failed === null) return <Loading lines={3} />
    return (
      <>
        <ErrorNote
          error={failed}
          text={invitationErrorText(failed, t)}
          {...(isGone ? {} : { retry: () => void Promise.all([look.refetch(), session.refetch()]) })}
        />
        <Button variant="default" onClick={ignore}>
          {t('accept.ignore')}
        </Button>
      </>
    )
  }
  return <Invitation {...props} invitation={look.data} />
}

type InvitationProps = Props & { readonly invitation: InvitationDetails }

function Invitation({ code, session, invitation, onAccepted, onSignedIn, signOut, ignore }: InvitationProps) {
  const { t } = useMessages()
  const { workspaceName, role, email } = invitation
  const person = session.data?.person ?? null
  const step = invitationStep(invitation, person)
  const leaving = useMutation({ mutationFn: signOut })
  return (
    <>
      <p>{t('accept.lead', { workspace: workspaceName, role: t(`role.${role}`) })}</p>
      {step === 'first' && session.data?.firstPerson ? <p className="soft">{t('accept.first')}</p> : null}
      {step === 'first' || step === 'new' ? (
        <NewAccount code={code} invitation={invitation} onAccepted={onAccepted} />
      ) : null}
      {step === 'signIn' ? (
        <>
          <p className="soft">{t('accept.signIn', { email: email ?? '' })}</p>
          <AsPerson
            providers={session.data?.providers ?? []}
            providerError={null}
            email={email ?? undefined}
            onSignedIn={onSignedIn}
          />
        </>
      ) : null}
      {step === 'join' && person !== null ? (
        <Join code={code} name={person.name} onAccepted={onAccepted} />
      ) : null}
      {step === 'other' && person !== null ? (
        <>
          <p className="note waiting" role="alert">
            {t('accept.other', { email: email ?? '', name: person.name })}
          </p>
          {leaving.error === null ? null : <ErrorNote error={leaving.error} text={t('signOut.failed')} />}
          <Button size="md" loading={leaving.isPending} onClick={() => leaving.mutate()}>
            {t('signOut')}
          </Button>
        </>
      ) : null}
      <Button variant="default" onClick={ignore}>
        {t('accept.ignore')}
      </Button>
    </>
  )
}

/** A person who is signed in needs no password to accept. */
function Join({ code, name, onAccepted }: Pick<Props, 'code' | 'onAccepted'> & { name: string }) {
  const { t } = useMessages()
  const joining = useMutation({
    mutationFn: () => auth('accept', { code }),
    onSuccess: ({ workspaceId }) => onAccepted(workspaceId),
  })
  return (
    <>
      {joining.error === null ? null : (
        <ErrorNote error={joining.error} text={invitationErrorText(joining.error, t)} />
      )}
      <Button autoFocus size="md" loading={joining.isPending} onClick={() => joining.mutate()}>
        {t('accept.as', { name })}
      </Button>
    </>
  )
}
