import type { AuthSession, ProviderError } from '@fieldsync/contracts'

import { Badge } from '../../components/badge.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { ProviderButtons } from '../sign-in/provider-buttons.tsx'

type Props = {
  readonly providers: AuthSession['providers']
  readonly connected: readonly string[]
  /** Why the last attempt has failed. */
  readonly error: ProviderError | null
}

/** Connects the account of who is signed in with their organization's own sign-in (PEO-20). */
export function ConnectProvider({ providers, connected, error }: Props) {
  const { t } = useMessages()
  const others = providers.filter(({ id }) => !connected.includes(id))
  return (
    <section className="card">
      <h2>{t('connect.title')}</h2>
      {providers
        .filter(({ id }) => connected.includes(id))
        .map(({ id, name }) => (
          <div className="row" key={id}>
            <Badge tone="settled">{t('connect.done')}</Badge>
            <span className="soft">{name}</span>
          </div>
        ))}
      {others.length === 0 ? null : (
        <>
          <p className="soft">{t('connect.lead')}</p>
          {error === null ? null : (
            <p className="note" role="alert">
              {t(`providerError.${error}`)}
            </p>
          )}
          <div className="row">
            <ProviderButtons providers={others} label="connect.go" />
          </div>
        </>
      )}
    </section>
  )
}
