import type { PlaybookId } from '@fieldsync/contracts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'

import { QueryResult } from '../../components/query-result.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { useApi } from '../../server/server.ts'
import { Differences } from './differences.tsx'
import { changesBetween } from './leaves.ts'

const route = getRouteApi('/playbooks/$playbookId')

/** What differs between the two versions that the address names. */
export function VersionDiff({ playbookId }: { playbookId: PlaybookId }) {
  const { t } = useMessages()
  const api = useApi()
  const { older, newer } = route.useSearch()
  const query = useQuery({
    queryKey: ['diff', playbookId, older, newer],
    enabled: older !== undefined && newer !== undefined,
    queryFn: async ({ signal }) => {
      const [before, after] = await Promise.all(
        [older, newer].map((version) =>
          api.playbooks.get.query({ playbookId, version: Number(version) }, { signal }),
        ),
      )
      return changesBetween(before?.rules, after?.rules)
    },
  })
  if (older === undefined || newer === undefined) return null
  return (
    <section className="card" aria-label={t('diff.title', { older, newer })}>
      <h2>{t('diff.title', { older, newer })}</h2>
      <QueryResult query={query} lines={2}>
        {(changes) => <Differences changes={changes} />}
      </QueryResult>
    </section>
  )
}
