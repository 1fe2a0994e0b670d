import { Issue, OBSERVATION_STATUSES, type Observation, Severity } from '@fieldsync/contracts'
import { observed } from '@fieldsync/domain'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'

import { Filters } from '../../components/filters.tsx'
import { listSearch } from '../../components/list-search.ts'
import { type Column, Listed, MOMENT } from '../../components/listed.tsx'
import { Page } from '../../components/page.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { useApi, useSignedIn } from '../../server/server.ts'
import { SeverityBadge, StatusBadge } from './observation-badges.tsx'

const route = getRouteApi('/observations')

/** Observations of the whole workspace, newest change first. */
export function Observations() {
  const { t } = useMessages()
  const api = useApi()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const columns = useObservationColumns()
  const query = useQuery({
    queryKey: ['observations', search],
    // What an address says is the server's to judge; its refusal is shown.
    queryFn: ({ signal }) =>
      api.observations.list.query(search as Parameters<typeof api.observations.list.query>[0], { signal }),
    placeholderData: keepPreviousData,
  })
  const { cursor, values, apply, go } = listSearch(search, navigate)
  return (
    <Page title={t('observations.title')} lead={t('observations.lead')}>
      <Filters
        filters={[
          { kind: 'text', name: 'text', label: t('observations.text') },
          { kind: 'device', name: 'deviceId', label: t('field.deviceId') },
          { kind: 'text', name: 'fieldBlock', label: t('field.fieldBlock') },
          {
            kind: 'choice',
            name: 'status',
            label: t('field.status'),
            choices: OBSERVATION_STATUSES.map((value) => ({ value, label: t(`observationStatus.${value}`) })),
          },
          {
            kind: 'choice',
            name: 'issue',
            label: t('field.issue'),
            choices: Issue.options.map((value) => ({ value, label: t(`issue.${value}`) })),
          },
          {
            kind: 'choice',
            name: 'severity',
            label: t('field.severity'),
            choices: Severity.options.map((value) => ({ value, label: t(`severity.${value}`) })),
          },
          { kind: 'moment', name: 'from', label: t('observations.changedFrom') },
          { kind: 'moment', name: 'to', label: t('observations.changedTo') },
        ]}
        values={values}
        apply={apply}
      />
      <Listed
        query={query}
        caption={t('observations.title')}
        columns={columns}
        idOf={({ observationId }) => observationId}
        none={{ title: t('observations.none'), lead: t('observations.none.lead') }}
        cursor={cursor}
        go={go}
      />
    </Page>
  )
}

function useObservationColumns(): Column<Observation>[] {
  const { t } = useMessages()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  return useMemo(
    () => [
      {
        id: 'note',
        header: t('field.rawNoteText'),
        cell: ({ row: { original } }) => (
          <Link
            className="clip"
            to="/observations/$observationId"
            params={{ observationId: original.observationId }}
          >
            {original.rawNoteText || original.observationId}
          </Link>
        ),
      },
      {
        id: 'issue',
        header: t('field.issue'),
        cell: ({ row: { original } }) => {
          const issue = observed(original, '/extraction/issue')
          return issue === undefined ? t('notObserved') : t(`issue.${issue}`)
        },
      },
      {
        id: 'severity',
        header: t('field.severity'),
        cell: ({ row: { original } }) => <SeverityBadge observation={original} />,
      },
      {
        id: 'block',
        header: t('field.fieldBlock'),
        cell: ({ row: { original } }) => original.extraction.fieldBlock,
      },
      {
        id: 'status',
        header: t('field.status'),
        cell: ({ row: { original } }) => <StatusBadge status={original.status} />,
      },
      {
        id: 'seen',
        header: t('field.observationTime'),
        meta: MOMENT,
        cell: ({ row: { original } }) => moment(original.extraction.observationTime),
      },
      {
        id: 'changed',
        header: t('field.updatedAt'),
        meta: MOMENT,
        cell: ({ row: { original } }) => moment(original.updatedAt ?? original.createdAt),
      },
      { id: 'device', header: t('field.deviceId'), cell: ({ row: { original } }) => original.deviceId },
    ],
    [t, moment],
  )
}
