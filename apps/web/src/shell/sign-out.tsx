import { Button, Checkbox } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { Dialog } from '../components/dialog.tsx'
import { ErrorNote } from '../components/error-note.tsx'
import { useMessages } from '../messages/messages.tsx'
import { deviceOf, shortFingerprint } from '../server/credential.ts'
import { useSignedIn } from '../server/server.ts'

/**
 * Signs out. Who came with a key decides whether it stays in this browser (APP-67); a person is told where the server could
 * not be reached, since they are still signed in (APP-83).
 */
export function SignOut() {
  const { t } = useMessages()
  const { credential, signOut } = useSignedIn()
  const [isAsking, setAsking] = useState(false)
  const [staysHere, setStaysHere] = useState(false)
  const leaving = useMutation({ mutationFn: signOut })
  return (
    <>
      <button
        type="button"
        className="plain"
        onClick={() => (credential.kind === 'key' ? setAsking(true) : leaving.mutate(true))}
      >
        {t('signOut')}
      </button>
      {leaving.error === null ? null : (
        <Dialog title={t('signOut')} close={leaving.reset}>
          <div className="page">
            <ErrorNote error={leaving.error} text={t('signOut.failed')} retry={() => leaving.mutate(true)} />
          </div>
        </Dialog>
      )}
      {isAsking && credential.kind === 'key' ? (
        <Dialog title={t('signOut')} close={() => setAsking(false)}>
          <div className="page">
            <p>{t(staysHere ? 'signOut.kept' : 'signOut.lead', { device: deviceOf(credential.key) })}</p>
            <p className="soft">
              {t('signOut.key', { fingerprint: shortFingerprint(credential.key) })}
              {credential.key.storage === 'software' ? ` ${t('signOut.software')}` : ''}
            </p>
            <Checkbox
              checked={staysHere}
              onChange={({ currentTarget }) => setStaysHere(currentTarget.checked)}
              label={t('signOut.keep')}
              description={t('signOut.keep.about', { device: deviceOf(credential.key) })}
            />
            <div className="row">
              <Button data-autofocus onClick={() => leaving.mutate(staysHere)}>
                {t('signOut')}
              </Button>
              <Button variant="default" onClick={() => setAsking(false)}>
                {t('cancel')}
              </Button>
            </div>
          </div>
        </Dialog>
      ) : null}
    </>
  )
}
