import { Issue, type ListedRecommendation, RECOMMENDATION_STATUSES } from '@fieldsync/contracts'
import { actionAdvice } from '@fieldsync/messages'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'

import { Filters } from '../../components/filters.tsx'
import { listSearch } from '../../components/list-search.ts'
import { type Column, Listed } from '../../components/listed.tsx'
import { Page } from '../../components/page.tsx'
import { useMessages, useWindowText } from '../../messages/messages.tsx'
import { useApi, useSignedIn } from '../../server/server.ts'
import { FlagBadges, RecommendationStatus } from './recommendation-badges.tsx'

const route = getRouteApi('/recommendations')

/** The recommendations of the workspace, newest change first (APP-107). */
export function Recommendations() {
  const { t } = useMessages()
  const api = useApi()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const columns = useColumns()
  const query = useQuery({
    queryKey: ['recommendations', search],
    // What an address says is the server's to judge; its refusal is shown.
    queryFn: ({ signal }) =>
      api.recommendations.list.query(search as Parameters<typeof api.recommendations.list.query>[0], {
        signal,
      }),
    placeholderData: keepPreviousData,
  })
  const { cursor, values, apply, go } = listSearch(search, navigate)
  return (
    <Page title={t('recommendations.title')} lead={t('recommendations.lead')}>
      <Filters
        filters={[
          {
            kind: 'choice',
            name: 'status',
            label: t('field.status'),
            choices: RECOMMENDATION_STATUSES.map((value) => ({
              value,
              label: t(`recommendationStatus.${value}`),
            })),
          },
          {
            kind: 'choice',
            name: 'issue',
            label: t('field.issue'),
            choices: Issue.options.map((value) => ({ value, label: t(`issue.${value}`) })),
          },
          { kind: 'text', name: 'playbookId', label: t('proposals.playbook') },
          { kind: 'moment', name: 'from', label: t('observations.changedFrom') },
          { kind: 'moment', name: 'to', label: t('observations.changedTo') },
        ]}
        values={values}
        apply={apply}
      />
      <Listed
        query={query}
        caption={t('recommendations.title')}
        columns={columns}
        idOf={({ recommendationId }) => recommendationId}
        none={{ title: t('recommendations.empty'), lead: t('recommendations.empty.lead') }}
        cursor={cursor}
        go={go}
      />
    </Page>
  )
}

function useColumns(): Column<ListedRecommendation>[] {
  const { t } = useMessages()
  const windowText = useWindowText(useSignedIn().session.workspace.timeZone)
  return useMemo(
    () => [
      {
        id: 'window',
        header: t('recommendations.window'),
        cell: ({ row: { original } }) => (
          <Link
            to="/recommendations/$recommendationId"
            params={{ recommendationId: original.recommendationId }}
          >
            {windowText(original.timingWindow)}
          </Link>
        ),
      },
      {
        id: 'action',
        header: t('recommendations.action'),
        cell: ({ row: { original } }) => actionAdvice(t, original.action),
      },
      {
        id: 'problem',
        header: t('recommendations.problem'),
        cell: ({ row: { original } }) =>
          `${t(`issue.${original.issue}`)} · ${t(`severity.${original.severity}`)}`,
      },
      {
        id: 'block',
        header: t('field.fieldBlock'),
        cell: ({ row: { original } }) =>
          original.fieldBlock ?? <span className="soft">{t('recommendations.blockUnknown')}</span>,
      },
      {
        id: 'status',
        header: t('field.status'),
        cell: ({ row: { original } }) => (
          <div className="row">
            <RecommendationStatus recommendation={original} />
          </div>
        ),
      },
      {
        id: 'flags',
        header: t('recommendations.flags'),
        cell: ({ row: { original } }) =>
          original.riskFlags.length === 0 ? (
            '–'
          ) : (
            <div className="row">
              <FlagBadges flags={original.riskFlags} />
            </div>
          ),
      },
      {
        id: 'playbook',
        header: t('recommendations.playbook'),
        cell: ({ row: { original } }) => (
          <>
            {original.playbookId}
            <br />
            <span className="soft">
              {t('playbook.version', { version: String(original.playbookVersion) })}
            </span>
          </>
        ),
      },
    ],
    [t, windowText],
  )
}
