import { OAUTH_PATHS } from '@fieldsync/contracts'
import { Button } from '@mantine/core'

import { Facts } from '../../components/facts.tsx'
import { ShownOnce } from '../../components/shown-once.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { homeUrl } from '../../server/credential.ts'

type Props = {
  readonly serviceId: string
  readonly clientId: string
  readonly keyFingerprint: string | null
  /** Null where it was shown before, and for a key. */
  readonly clientSecret: string | null
  readonly done: () => void
}

/** What a program needs to request tokens: its client id, where, and its secret, which is shown here alone. */
export function SecretOnce({ serviceId, clientId, keyFingerprint, clientSecret, done }: Props) {
  const { t } = useMessages()
  const facts = (
    <Facts
      of={[
        [t('services.clientId'), <code key="id">{clientId}</code>],
        [t('services.tokenUrl'), <code key="url">{`${homeUrl()}${OAUTH_PATHS.token}`}</code>],
        ...(keyFingerprint === null
          ? []
          : [
              [
                t('devices.key'),
                <code key="key" className="fingerprint">
                  {keyFingerprint}
                </code>,
              ] as const,
            ]),
      ]}
    />
  )
  if (keyFingerprint !== null) {
    return (
      <>
        <p>{t('services.key.lead', { service: serviceId })}</p>
        {facts}
        <Button data-autofocus onClick={done}>
          {t('once.done')}
        </Button>
      </>
    )
  }
  return (
    <ShownOnce
      text={clientSecret ?? undefined}
      name="secret"
      sure={t('services.secret.sure')}
      gone={t('services.secret.gone')}
      done={done}
      lead={<p>{t('services.secret.lead', { service: serviceId })}</p>}
    >
      {facts}
    </ShownOnce>
  )
}
