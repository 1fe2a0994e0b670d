import { Button, Checkbox } from '@mantine/core'
import { useState } from 'react'

import { Dialog } from '../components/dialog.tsx'
import { useMessages } from '../messages/messages.tsx'
import { deviceOf, shortFingerprint } from '../server/credential.ts'
import { useSignedIn } from '../server/server.ts'

/** Signs out; a person who came with a key decides whether it stays in this browser (APP-67). */
export function SignOut() {
  const { t } = useMessages()
  const { credential, signOut } = useSignedIn()
  const [isAsking, setAsking] = useState(false)
  const [staysHere, setStaysHere] = useState(false)
  return (
    <>
      <button
        type="button"
        className="plain"
        onClick={() => (credential.kind === 'key' ? setAsking(true) : signOut(true))}
      >
        {t('signOut')}
      </button>
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
              <Button data-autofocus onClick={() => signOut(staysHere)}>
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
