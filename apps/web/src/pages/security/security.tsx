import { SECURITY_KINDS, type SecurityEventRecord } from '@fieldsync/contracts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'

import { Empty } from '../../components/empty.tsx'
import { Filters } from '../../components/filters.tsx'
import { listSearch } from '../../components/list-search.ts'
import { type Column, Listed, MOMENT, NUMBER } from '../../components/listed.tsx'
import { Page } from '../../components/page.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { usePersonName } from '../../server/person-names.ts'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'
import { kindText, reasonText } from './reason-text.ts'

const route = getRouteApi('/security')

/** Attempts with credentials of the workspace that were refused, by the minute (APP-105). */
export function SecurityLogPage() {
  const { t } = useMessages()
  const mayRead = useMay('security.list')
  return (
    <Page title={t('security.title')} lead={t('security.lead')}>
      {mayRead ? (
        <Attempts />
      ) : (
        <section className="card">
          <Empty title={t('security.title')}>{t('security.forbidden')}</Empty>
        </section>
      )}
    </Page>
  )
}

function Attempts() {
  const { t } = useMessages()
  const api = useApi()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const columns = useColumns()
  const query = useQuery({
    queryKey: ['security', search],
    // What an address says is the server's to judge; its refusal is shown.
    queryFn: ({ signal }) =>
      api.security.list.query(search as Parameters<typeof api.security.list.query>[0], { signal }),
    placeholderData: keepPreviousData,
  })
  const { cursor, values, apply, go } = listSearch(search, navigate)
  return (
    <>
      <Filters
        filters={[
          {
            kind: 'choice',
            name: 'kind',
            label: t('security.kind'),
            choices: SECURITY_KINDS.map((value) => ({ value, label: kindText(value, t) })),
          },
          { kind: 'device', name: 'deviceId', label: t('field.deviceId') },
          { kind: 'moment', name: 'from', label: t('filters.from') },
          { kind: 'moment', name: 'to', label: t('filters.to') },
        ]}
        values={values}
        apply={apply}
      />
      <Listed
        query={query}
        caption={t('security.title')}
        columns={columns}
        idOf={({ deviceId, kind, minute, reason }) => [minute, kind, reason, deviceId].join(' ')}
        none={{ title: t('security.none'), lead: t('security.none.lead') }}
        cursor={cursor}
        go={go}
      />
    </>
  )
}

function useColumns(): Column<SecurityEventRecord>[] {
  const { t, formats } = useMessages()
  const nameOf = usePersonName()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  return useMemo(
    () => [
      {
        id: 'minute',
        header: t('security.minute'),
        meta: MOMENT,
        cell: ({ row: { original } }) => moment(original.minute),
      },
      {
        id: 'kind',
        header: t('security.kind'),
        cell: ({ row: { original } }) => kindText(original.kind, t),
      },
      {
        id: 'reason',
        header: t('security.reason'),
        cell: ({ row: { original } }) => reasonText(original.reason, t),
      },
      {
        id: 'whose',
        header: t('security.whose'),
        cell: ({ row: { original } }) =>
          original.deviceId === null ? (
            <span className="soft">{t('security.whose.nobody')}</span>
          ) : (
            nameOf(original.deviceId)
          ),
      },
      {
        id: 'count',
        header: t('security.count'),
        meta: NUMBER,
        cell: ({ row: { original } }) => formats.number(original.count),
      },
      {
        id: 'address',
        header: t('security.address'),
        cell: ({ row: { original } }) => <code>{original.address ?? '–'}</code>,
      },
    ],
    [t, formats, nameOf, moment],
  )
}
