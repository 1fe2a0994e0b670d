import { type FieldsyncError, isFieldsyncError } from '@fieldsync/client'
import type { EnrolledKey } from '@fieldsync/client/device-key'
import type { ProviderError } from '@fieldsync/contracts'
import { Button } from '@mantine/core'

import { ErrorNote, ServerText } from '../../components/error-note.tsx'
import { useTitle } from '../../components/page.tsx'
import { useMessages } from '../../messages/messages.tsx'
import type { AuthSessionQuery } from '../../server/auth.ts'
import { type Credential, type DeviceCredential, deviceOf } from '../../server/credential.ts'
import { AsPerson } from './as-person.tsx'
import { SignInFrame } from './sign-in-frame.tsx'
import { WithLink } from './with-link.tsx'
import { WithToken } from './with-token.tsx'

export type Refusal = { readonly credential: Credential; readonly error: FieldsyncError }

type Props = {
  /** The page was opened by it. */
  link: string | null
  /** This browser has it, and nobody is signed in with it. */
  known: EnrolledKey | null
  /** Somebody is signed in, who keeps the session without the link. */
  isIn: boolean
  /** Why the last session ended, where the server ended it. */
  refusal: Refusal | null
  /** Why a provider has sent the person back. */
  providerError: ProviderError | null
  /** How people may sign in. */
  session: AuthSessionQuery
  enter: (credential: DeviceCredential, remember: boolean) => void
  personCame: () => void
  ignoreLink: () => void
}

/** Asks for what lets somebody in: a person's password or provider; or a link, a code or a token of a device (APP-76). */
export function SignIn(props: Props) {
  const { link, known, isIn, refusal, session, personCame, providerError } = props
  const { t } = useMessages()
  useTitle(t('signIn.title'))
  const hasKey = known !== null && !isIn && link === null && refusal?.credential.kind !== 'key'
  const people = link === null ? session.data : undefined
  // At an organization's provider the first person may sign in as well.
  const hasPeople = people !== undefined && (!people.firstPerson || people.providers.length > 0)
  const device = <AsDevice {...props} hasKey={hasKey} isSecond={hasPeople || hasKey} />
  return (
    <SignInFrame
      title={t('signIn.title')}
      more={
        hasPeople ? (
          <details className="card">
            <summary>{t('signIn.device')}</summary>
            {device}
            <TokenCard {...props} />
          </details>
        ) : link === null ? (
          <TokenCard {...props} />
        ) : null
      }
    >
      {refusal === null ? null : (
        <div className="note waiting" role="alert">
          <p>{t(ENDED[refusal.credential.kind])}</p>
          <ServerText text={refusal.error.message} />
        </div>
      )}
      {session.error === null || link !== null || isFieldsyncError(session.error, 'NOT_FOUND') ? null : (
        <ErrorNote error={session.error} retry={() => void session.refetch()} />
      )}
      {hasPeople && session.data !== undefined ? (
        <AsPerson providers={session.data.providers} providerError={providerError} onSignedIn={personCame} />
      ) : (
        <>
          {link === null && session.data?.firstPerson ? (
            <p className="soft">{t('signIn.firstPerson')}</p>
          ) : null}
          {device}
        </>
      )}
    </SignInFrame>
  )
}

const ENDED = { key: 'signIn.key.ended', token: 'signIn.ended', person: 'signIn.person.ended' } as const

type DeviceProps = Props & { readonly hasKey: boolean; readonly isSecond: boolean }

/** With the key that this browser has, or a new one by a link or a code. */
function AsDevice({ link, known, isIn, enter, ignoreLink, hasKey, isSecond }: DeviceProps) {
  const { t } = useMessages()
  return (
    <>
      {hasKey && known !== null ? (
        <Button autoFocus size="md" onClick={() => enter({ kind: 'key', key: known }, true)}>
          {t('signIn.again', { device: deviceOf(known) })}
        </Button>
      ) : null}
      <WithLink
        link={link}
        isIn={isIn}
        isSecond={isSecond}
        onEnrolled={(key) => enter({ kind: 'key', key }, true)}
        ignoreLink={ignoreLink}
      />
    </>
  )
}

function TokenCard({ enter }: Pick<Props, 'enter'>) {
  const { t } = useMessages()
  return (
    <>
      <WithToken onToken={(token, remember) => enter({ kind: 'token', token }, remember)} />
      <p className="soft">{t('signIn.where')}</p>
    </>
  )
}
