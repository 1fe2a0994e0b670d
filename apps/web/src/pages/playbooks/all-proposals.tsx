import { ProposalState } from '@fieldsync/contracts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'

import { Empty } from '../../components/empty.tsx'
import { Filters } from '../../components/filters.tsx'
import { listSearch } from '../../components/list-search.ts'
import { Page } from '../../components/page.tsx'
import { Pager } from '../../components/pager.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { useApi } from '../../server/server.ts'
import { ProposalItems } from './proposals.tsx'

const route = getRouteApi('/proposals')

/** The proposals of all playbooks, those that would create one included (APP-106). */
export function AllProposals() {
  const { t } = useMessages()
  const api = useApi()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery({
    queryKey: ['proposals', 'all', search],
    // What an address says is the server's to judge; its refusal is shown.
    queryFn: ({ signal }) =>
      api.proposals.list.query(
        { limit: 20, ...(search as Parameters<typeof api.proposals.list.query>[0]) },
        { signal },
      ),
    placeholderData: keepPreviousData,
  })
  const { cursor, values, apply, go } = listSearch(search, navigate)
  return (
    <Page
      title={t('proposals.title')}
      lead={t('proposals.lead')}
      back={{ to: '/playbooks', label: t('playbooks.title') }}
    >
      <Filters
        filters={[
          {
            kind: 'choice',
            name: 'state',
            label: t('proposals.state'),
            choices: ProposalState.options.map((value) => ({ value, label: t(`proposals.state.${value}`) })),
          },
          { kind: 'text', name: 'playbookId', label: t('proposals.playbook') },
        ]}
        values={values}
        apply={apply}
      />
      <QueryResult query={query}>
        {({ items, nextCursor }) => (
          <section className="card" aria-label={t('proposals.title')}>
            {items.length === 0 ? (
              <Empty title={t('proposals.none')}>{t('proposals.none.lead')}</Empty>
            ) : (
              <ProposalItems items={items} />
            )}
            <Pager cursor={cursor} next={nextCursor} go={go} />
          </section>
        )}
      </QueryResult>
    </Page>
  )
}
