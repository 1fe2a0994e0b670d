import { Empty } from '../../components/empty.tsx'
import { Page } from '../../components/page.tsx'
import { useMessages } from '../../messages/messages.tsx'
import type { SignedInPerson } from '../../server/server.ts'
import { useSignedIn } from '../../server/server.ts'
import { ChangePassword } from './change-password.tsx'
import { ConnectProvider } from './connect-provider.tsx'
import { Profile } from './profile.tsx'
import { Sessions } from './sessions.tsx'
import { TwoFactor } from './two-factor.tsx'

/** What a person determines about their own account, in every workspace (APP-80, APP-81). */
export function Account() {
  const { t } = useMessages()
  const { person } = useSignedIn()
  return (
    <Page title={t('account.title')} lead={t('account.lead')}>
      {person === undefined ? (
        <section className="card">
          <Empty title={t('account.device')}>{t('account.device.lead')}</Empty>
        </section>
      ) : (
        <Sections person={person} />
      )}
    </Page>
  )
}

const Sections = ({ person: { person, providers, providerError } }: { person: SignedInPerson }) => (
  <>
    <Profile person={person} />
    <ChangePassword email={person.email} />
    <TwoFactor person={person} />
    {providers.length === 0 ? null : (
      <ConnectProvider
        providers={providers}
        connected={person.connectedProviders ?? []}
        error={providerError}
      />
    )}
    <Sessions />
  </>
)
