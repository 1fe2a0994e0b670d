import type { ServiceRecord } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'

import { Badge } from '../../components/badge.tsx'
import { Empty } from '../../components/empty.tsx'
import { listSearch } from '../../components/list-search.ts'
import { type Column, Listed, MOMENT } from '../../components/listed.tsx'
import { Page } from '../../components/page.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'
import { CreateService } from './create-service.tsx'

const route = getRouteApi('/services')

/** All external callers of the workspace, for admins (APP-97). */
export function Services() {
  const { t } = useMessages()
  const api = useApi()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [creating, setCreating] = useState(false)
  const mayList = useMay('services.list')
  const columns = useServiceColumns()
  const query = useQuery({
    queryKey: ['services', search],
    queryFn: ({ signal }) => api.services.list.query(search, { signal }),
    placeholderData: keepPreviousData,
    enabled: mayList,
  })
  const { cursor, go } = listSearch(search, navigate)
  const actions = mayList ? (
    <Button onClick={() => setCreating(true)}>{t('services.create')}</Button>
  ) : undefined
  return (
    <Page title={t('services.title')} lead={t('services.lead')} actions={actions}>
      {mayList ? (
        <Listed
          query={query}
          caption={t('services.title')}
          columns={columns}
          idOf={({ serviceId }) => serviceId}
          none={{ title: t('services.none'), lead: t('services.none.lead') }}
          cursor={cursor}
          go={go}
        />
      ) : (
        <ForAdmins />
      )}
      {creating ? <CreateService close={() => setCreating(false)} /> : null}
    </Page>
  )
}

/** In the place of what other roles do not see. */
export function ForAdmins() {
  const { t } = useMessages()
  return (
    <section className="card">
      <Empty title={t('services.admins')}>{t('services.admins.lead')}</Empty>
    </section>
  )
}

function useServiceColumns(): Column<ServiceRecord>[] {
  const { t } = useMessages()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  return useMemo(
    () => [
      {
        id: 'service',
        header: t('role.service'),
        cell: ({ row: { original } }) => (
          <Link to="/services/$serviceId" params={{ serviceId: original.serviceId }}>
            {original.serviceId}
          </Link>
        ),
      },
      {
        id: 'state',
        header: t('services.state'),
        cell: ({ row: { original } }) =>
          original.revokedAt === null ? (
            <Badge tone="settled">{t('services.state.active')}</Badge>
          ) : (
            <Badge tone="broken">{t('services.state.revoked')}</Badge>
          ),
      },
      {
        id: 'scopes',
        header: t('services.scopes'),
        cell: ({ row: { original } }) =>
          original.scopes.map((scope) => t(`services.scope.${scope}`)).join(', '),
      },
      {
        id: 'devices',
        header: t('services.devices'),
        cell: ({ row: { original } }) => {
          const count = original.deviceIds.length
          return count === 0 ? '–' : t('services.devices.count', { count })
        },
      },
      {
        id: 'created',
        header: t('services.createdAt'),
        meta: MOMENT,
        cell: ({ row: { original } }) => moment(original.createdAt),
      },
    ],
    [t, moment],
  )
}
