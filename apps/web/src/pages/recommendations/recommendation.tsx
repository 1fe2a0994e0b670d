import type { ListedRecommendation, Recommendation, RecommendationId } from '@fieldsync/contracts'
import { actionAdvice, rationaleText, riskFlagText } from '@fieldsync/messages'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'

import { Facts } from '../../components/facts.tsx'
import { Page } from '../../components/page.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages, useMoment, useMomentText, useWindowText } from '../../messages/messages.tsx'
import { useApi, useSignedIn } from '../../server/server.ts'
import { chainOf } from './chain.ts'
import { ChangedRecommendation, useDriverText } from './changed-recommendation.tsx'
import { RecommendationStatus } from './recommendation-badges.tsx'
import { WeatherUsed } from './weather-used.tsx'

const route = getRouteApi('/recommendations/$recommendationId')

/** One recommendation: what, when, why, by which weather, and what it replaces or is replaced by (APP-108). */
export function RecommendationPage() {
  const { t } = useMessages()
  const api = useApi()
  const recommendationId = route.useParams().recommendationId as RecommendationId
  const query = useQuery({
    queryKey: ['recommendation', recommendationId],
    queryFn: async ({ signal }) => {
      const recommendation = await api.recommendations.get.query({ recommendationId }, { signal })
      const { observationId } = recommendation
      const { items } = await api.recommendations.list.query({ observationId, limit: 100 }, { signal })
      const one = items.find((each) => each.recommendationId === recommendationId) ?? recommendation
      return { one, siblings: items }
    },
  })
  return (
    <Page
      title={t('recommendation.title')}
      lead={<code>{recommendationId}</code>}
      back={{ to: '/recommendations', label: t('recommendations.title') }}
    >
      <QueryResult query={query}>
        {({ one, siblings }) => (
          <>
            <What recommendation={one} />
            <Why recommendation={one} />
            <Weather recommendation={one} />
            <History one={one} siblings={siblings} />
          </>
        )}
      </QueryResult>
    </Page>
  )
}

type Props = { readonly recommendation: ListedRecommendation }

function What({ recommendation }: Props) {
  const { t, formats } = useMessages()
  const { timeZone } = useSignedIn().session.workspace
  const moment = useMoment(timeZone)
  const windowText = useWindowText(timeZone)
  const { observationId, playbookId, playbookVersion, replacedBy, timingWindow } = recommendation
  return (
    <section className="card">
      <div className="row">
        <RecommendationStatus recommendation={recommendation} />
        <strong>
          {t(`issue.${recommendation.issue}`)} · {t(`severity.${recommendation.severity}`)}
        </strong>
      </div>
      {replacedBy === undefined ? null : (
        <p className="note waiting">
          {t('recommendation.replaced')}{' '}
          <Link to="/recommendations/$recommendationId" params={{ recommendationId: replacedBy }}>
            {t('recommendation.replaced.go')}
          </Link>
        </p>
      )}
      <p>{actionAdvice(t, recommendation.action)}</p>
      <Facts
        of={[
          [t('recommendations.window'), <strong key="window">{windowText(timingWindow)}</strong>],
          [t('recommendation.zone'), timingWindow.localTimezone],
          [
            t('recommendation.note'),
            <Link key="note" to="/observations/$observationId" params={{ observationId }}>
              {recommendation.fieldBlock ?? observationId}
            </Link>,
          ],
          [t('recommendation.confidence'), formats.percent(timingWindow.confidence)],
          [
            t('recommendations.playbook'),
            <Link key="playbook" to="/playbooks/$playbookId" params={{ playbookId }}>
              {playbookId}, {t('playbook.version', { version: String(playbookVersion) })}
            </Link>,
          ],
          [t('recommendation.generated'), moment(recommendation.generatedAt)],
          [t('field.updatedAt'), moment(recommendation.updatedAt ?? recommendation.generatedAt)],
        ]}
      />
    </section>
  )
}

/** Warnings, what moved the window, and the facts it rests on, in words. */
function Why({ recommendation: { rationale, riskFlags, timingWindow } }: Props) {
  const { t } = useMessages()
  const sentence = useDriverText()
  return (
    <section className="card">
      <h2>{t('recommendation.why')}</h2>
      {riskFlags.map((flag) => (
        <p key={flag} className="note waiting">
          {riskFlagText(t, flag)}
        </p>
      ))}
      <Facts
        of={[[t('recommendation.rationale'), rationale.map((tag) => rationaleText(t, tag)).join(', ')]]}
      />
      <ul className="plain-list">
        {timingWindow.drivers.map((driver) => (
          <li key={driver}>{sentence(driver)}</li>
        ))}
      </ul>
    </section>
  )
}

function Weather({ recommendation: { observationId, weatherFeaturesId } }: Props) {
  const api = useApi()
  const { data } = useQuery({
    queryKey: ['observation', observationId],
    queryFn: ({ signal }) => api.observations.get.query({ observationId }, { signal }),
  })
  return <WeatherUsed weatherFeaturesId={weatherFeaturesId} observation={data} />
}

type HistoryProps = { readonly one: Recommendation; readonly siblings: readonly Recommendation[] }

/** What it replaces and what replaces it, each with what has changed from the one before. */
function History({ one, siblings }: HistoryProps) {
  const { t } = useMessages()
  const moment = useMomentText(useSignedIn().session.workspace.timeZone)
  const chain = chainOf(one, siblings)
  return (
    <section className="card">
      <h2>{t('recommendation.history')}</h2>
      {chain.length === 1 ? <p className="soft">{t('recommendation.history.none')}</p> : null}
      {chain.length === 1 ? null : (
        <ul className="diff">
          {chain.map((each, index) => {
            const before = chain[index - 1]
            const text = t('recommendation.history.by', {
              version: String(each.playbookVersion),
              at: moment(each.generatedAt),
            })
            return (
              <li key={each.recommendationId}>
                <div className="row">
                  <RecommendationStatus recommendation={each} />
                  {each.recommendationId === one.recommendationId ? (
                    <span>
                      {text} ({t('recommendation.history.this')})
                    </span>
                  ) : (
                    <Link
                      to="/recommendations/$recommendationId"
                      params={{ recommendationId: each.recommendationId }}
                    >
                      {text}
                    </Link>
                  )}
                </div>
                {before === undefined ? null : <ChangedRecommendation before={before} after={each} />}
              </li>
            )
          })}
        </ul>
      )}
    </section>
  )
}
