import type { FieldsyncError } from '@fieldsync/client'
import type { EnrolledKey } from '@fieldsync/client/device-key'
import { Button } from '@mantine/core'

import { ServerText } from '../../components/error-note.tsx'
import { useTitle } from '../../components/page.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { type Credential, deviceOf } from '../../server/credential.ts'
import { Preferences } from '../../shell/preferences.tsx'
import { WithLink } from './with-link.tsx'
import { WithToken } from './with-token.tsx'

export type Refusal = { readonly kind: Credential['kind']; readonly error: FieldsyncError }

type Props = {
  /** The page was opened by it. */
  link: string | null
  /** This browser has it, and nobody is signed in with it. */
  known: EnrolledKey | null
  /** Somebody is signed in, who keeps the session without the link. */
  isIn: boolean
  /** Why the last session ended, where the server ended it. */
  refusal: Refusal | null
  enter: (credential: Credential, remember: boolean) => void
  ignoreLink: () => void
}

/** Asks for what lets a person in: a link or a code, by which this browser gets a key, or a token of a device. */
export function SignIn({ link, known, isIn, refusal, enter, ignoreLink }: Props) {
  const { t } = useMessages()
  useTitle(t('signIn.title'))
  const hasKey = known !== null && !isIn && link === null && refusal?.kind !== 'key'
  return (
    <main className="gate">
      <div>
        <p className="brand">
          <img src="/icon.svg" alt="" width={36} height={36} />
          {t('app.name')}
        </p>
        <div className="card">
          <h1>{t('signIn.title')}</h1>
          {refusal === null ? null : (
            <div className="note waiting" role="alert">
              <p>{t(refusal.kind === 'key' ? 'signIn.key.ended' : 'signIn.ended')}</p>
              <ServerText text={refusal.error.message} />
            </div>
          )}
          {hasKey ? (
            <Button autoFocus size="md" onClick={() => enter({ kind: 'key', key: known }, true)}>
              {t('signIn.again', { device: deviceOf(known) })}
            </Button>
          ) : null}
          <WithLink
            link={link}
            isIn={isIn}
            isSecond={hasKey}
            onEnrolled={(key) => enter({ kind: 'key', key }, true)}
            ignoreLink={ignoreLink}
          />
        </div>
        {link === null ? (
          <>
            <WithToken onToken={(token, remember) => enter({ kind: 'token', token }, remember)} />
            <p className="soft">{t('signIn.where')}</p>
          </>
        ) : null}
        <Preferences />
      </div>
    </main>
  )
}
