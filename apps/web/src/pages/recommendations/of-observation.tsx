import type { Observation } from '@fieldsync/contracts'
import { actionAdvice } from '@fieldsync/messages'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { QueryResult } from '../../components/query-result.tsx'
import { useMessages, useWindowText } from '../../messages/messages.tsx'
import { useApi, useSignedIn } from '../../server/server.ts'
import { GenerateRecommendation } from './generate-recommendation.tsx'
import { FlagBadges, RecommendationStatus } from './recommendation-badges.tsx'

/** What was recommended for one observation: what, when and how far it is (APP-107). */
export function RecommendationsOfObservation({ observation }: { observation: Observation }) {
  const { t } = useMessages()
  const { observationId } = observation
  const api = useApi()
  const windowText = useWindowText(useSignedIn().session.workspace.timeZone)
  const query = useQuery({
    queryKey: ['recommendations', 'of', observationId],
    queryFn: ({ signal }) => api.recommendations.list.query({ observationId, limit: 100 }, { signal }),
  })
  return (
    <section className="card">
      <h2>{t('recommendations.title')}</h2>
      <GenerateRecommendation observation={observation} />
      <QueryResult query={query} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="soft">{t('recommendations.none')}</p>
          ) : (
            <ul className="diff">
              {items.map((recommendation) => (
                <li key={recommendation.recommendationId}>
                  <div className="row">
                    <Link
                      to="/recommendations/$recommendationId"
                      params={{ recommendationId: recommendation.recommendationId }}
                    >
                      {windowText(recommendation.timingWindow)}
                    </Link>
                    <RecommendationStatus recommendation={recommendation} />
                    <FlagBadges flags={recommendation.riskFlags} />
                  </div>
                  <p>{actionAdvice(t, recommendation.action)}</p>
                </li>
              ))}
            </ul>
          )
        }
      </QueryResult>
    </section>
  )
}
