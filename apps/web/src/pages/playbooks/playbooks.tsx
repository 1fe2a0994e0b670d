import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { Empty } from '../../components/empty.tsx'
import { Page } from '../../components/page.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages, useMomentText } from '../../messages/messages.tsx'
import { useApi, useSignedIn } from '../../server/server.ts'

/** The active playbooks. */
export function Playbooks() {
  const { t } = useMessages()
  const api = useApi()
  const moment = useMomentText(useSignedIn().session.workspace.timeZone)
  const query = useQuery({
    queryKey: ['playbooks'],
    queryFn: ({ signal }) => api.playbooks.list.query({ limit: 100 }, { signal }),
  })
  return (
    <Page title={t('playbooks.title')} lead={t('playbooks.lead')}>
      <QueryResult query={query} lines={3}>
        {({ items }) =>
          items.length === 0 ? (
            <section className="card">
              <Empty title={t('playbooks.none')}>{t('playbooks.none.lead')}</Empty>
            </section>
          ) : (
            items.map(({ playbookId, version, updatedAt, crop, rules }) => (
              <section key={playbookId} className="card">
                <h2>
                  <Link to="/playbooks/$playbookId" params={{ playbookId }}>
                    {playbookId}
                  </Link>
                </h2>
                <p className="soft">
                  {t(`crop.${crop}`)} · {t('playbook.version', { version: String(version) })} ·{' '}
                  {t('playbooks.rules', { count: Object.keys(rules).length })} ·{' '}
                  {t('playbooks.changed', { at: moment(updatedAt) })}
                </p>
              </section>
            ))
          )
        }
      </QueryResult>
    </Page>
  )
}
