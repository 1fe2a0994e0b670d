import type { ObservationId } from '@fieldsync/contracts'
import { useQuery } from '@tanstack/react-query'

import { Badge } from '../../components/badge.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { useApi } from '../../server/server.ts'

const TONES = { pending_confirmation: 'waiting', confirmed: 'settled', rejected: 'calm' } as const

/** What was recommended for one observation. */
export function Recommendations({ observationId }: { observationId: ObservationId }) {
  const { t } = useMessages()
  const api = useApi()
  const query = useQuery({
    queryKey: ['recommendations', observationId],
    queryFn: ({ signal }) => api.recommendations.list.query({ observationId, limit: 100 }, { signal }),
  })
  return (
    <section className="card">
      <h2>{t('recommendations.title')}</h2>
      <QueryResult query={query} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="soft">{t('recommendations.none')}</p>
          ) : (
            <ul className="diff">
              {items.map(({ recommendationId, status, action }) => (
                <li key={recommendationId}>
                  <div className="row">
                    <Badge tone={TONES[status]}>{t(`recommendationStatus.${status}`)}</Badge>
                    <code className="soft">{recommendationId}</code>
                  </div>
                  <p>{action}</p>
                </li>
              ))}
            </ul>
          )
        }
      </QueryResult>
    </section>
  )
}
