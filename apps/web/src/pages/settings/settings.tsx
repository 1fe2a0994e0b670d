import type { WorkspaceSettings } from '@fieldsync/contracts'
import { Link } from '@tanstack/react-router'

import { AdminTokensNotice } from '../../components/admin-tokens-notice.tsx'
import { Empty } from '../../components/empty.tsx'
import { Facts } from '../../components/facts.tsx'
import { Page } from '../../components/page.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { usePersonName } from '../../server/person-names.ts'
import { useMay, useSignedIn } from '../../server/server.ts'
import { useSettingsQuery } from '../../server/settings-query.ts'
import { EditSettings } from './edit-settings.tsx'

/** The workspace's settings, for admins (WSP-6). */
export function Settings() {
  const { t } = useMessages()
  const mayChange = useMay('workspace.changeSettings')
  const query = useSettingsQuery()
  return (
    <Page title={t('settings.title')} lead={t('settings.lead')}>
      {mayChange ? (
        <QueryResult query={query}>
          {(settings) => (
            <>
              <AdminTokensNotice settings={settings} />
              <EditSettings settings={settings} />
              <InUse settings={settings} />
            </>
          )}
        </QueryResult>
      ) : (
        <section className="card">
          <Empty title={t('settings.admins')}>{t('settings.admins.lead')}</Empty>
        </section>
      )}
    </Page>
  )
}

/** Who still calls with a token, and when the settings were changed. */
function InUse({ settings: { preShared, changedAt, changedBy } }: { settings: WorkspaceSettings }) {
  const { t, formats } = useMessages()
  const nameOf = usePersonName()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  return (
    <section className="card">
      <h2>{t('settings.inUse')}</h2>
      {preShared.devices === 0 ? (
        <p className="soft">{t('settings.inUse.none')}</p>
      ) : (
        <p>
          <Link to="/devices" search={{ credential: 'preShared' }}>
            {t('settings.tokens.devices', { count: preShared.devices })}
          </Link>
        </p>
      )}
      <Facts
        of={[
          [t('settings.inUse.admins'), formats.number(preShared.admins)],
          [t('settings.changedAt'), changedAt === null ? t('never') : moment(changedAt)],
          ...(changedAt === null
            ? []
            : [
                [
                  t('settings.changedBy'),
                  changedBy === null ? t('settings.operator') : nameOf(changedBy),
                ] as const,
              ]),
        ]}
      />
    </section>
  )
}
