import type { FieldsyncApi } from '@fieldsync/client'
import { MAX_PAGE_SIZE, type ServiceRecord } from '@fieldsync/contracts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'

import { Badge } from '../../components/badge.tsx'
import { Empty } from '../../components/empty.tsx'
import { Facts } from '../../components/facts.tsx'
import { Page } from '../../components/page.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'
import { ServiceActions } from './service-actions.tsx'
import { ForAdmins } from './services.tsx'

const route = getRouteApi('/services/$serviceId')

/** One service. */
export function ServicePage() {
  const { t } = useMessages()
  const api = useApi()
  const { serviceId } = route.useParams()
  const mayList = useMay('services.list')
  const query = useQuery({
    queryKey: ['service', serviceId],
    queryFn: ({ signal }) => findService(api, serviceId, signal),
    enabled: mayList,
  })
  const actions = mayList && query.data != null ? <ServiceActions service={query.data} /> : undefined
  return (
    <Page title={serviceId} back={{ to: '/services', label: t('services.title') }} actions={actions}>
      {mayList ? (
        <QueryResult query={query}>
          {(service) =>
            service === null ? (
              <Empty title={t('services.unknown')}>{t('services.unknown.lead')}</Empty>
            ) : (
              <Details service={service} />
            )
          }
        </QueryResult>
      ) : (
        <ForAdmins />
      )}
    </Page>
  )
}

function Details({ service }: { service: ServiceRecord }) {
  const { t } = useMessages()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  const { clientId, scopes, deviceIds, createdAt, revokedAt, authentication } = service
  const isRevoked = revokedAt !== null
  return (
    <>
      <section className="card">
        <div className="row">
          <Badge tone={isRevoked ? 'broken' : 'settled'}>
            {t(isRevoked ? 'services.state.revoked' : 'services.state.active')}
          </Badge>
        </div>
        <Facts
          of={[
            [t('services.clientId'), <code key="id">{clientId}</code>],
            [t('services.scopes'), scopes.map((scope) => t(`services.scope.${scope}`)).join(', ')],
            [t('services.createdAt'), moment(createdAt)],
            ...(isRevoked ? [[t('services.revokedAt'), moment(revokedAt)] as const] : []),
          ]}
        />
      </section>
      <section className="card">
        <h2>{t('services.authentication')}</h2>
        {authentication.length === 0 ? <p className="soft">{t('services.authentication.none')}</p> : null}
        <ul className="plain-list">
          {authentication.map(({ kind, keyFingerprint, createdAt: since, endsOthers }) => (
            <li key={`${kind} ${since}`}>
              <strong className="fingerprint">
                {kind === 'key'
                  ? t('services.authentication.key', { fingerprint: keyFingerprint ?? '–' })
                  : t('services.authentication.secret')}
              </strong>{' '}
              {moment(since)}
              {endsOthers ? <p className="soft">{t('services.authentication.unused')}</p> : null}
            </li>
          ))}
        </ul>
      </section>
      <section className="card">
        <h2>{t('services.devices')}</h2>
        {deviceIds.length === 0 ? (
          <p className="soft">{t('services.devices.none')}</p>
        ) : (
          <p>{deviceIds.join(', ')}</p>
        )}
      </section>
    </>
  )
}

/** One service of the list, which is in the order of their ids; null where there is none. */
async function findService(
  api: FieldsyncApi,
  serviceId: string,
  signal: AbortSignal,
): Promise<ServiceRecord | null> {
  let cursor: string | undefined
  do {
    const page = await api.services.list.query(
      { limit: MAX_PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) },
      { signal },
    )
    const found = page.items.find((service) => service.serviceId === serviceId)
    if (found !== undefined) return found
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return null
}
