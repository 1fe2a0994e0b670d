import type { Observation, ObservationId } from '@fieldsync/contracts'
import { deviceStatePlaceholders, withoutPlaceholders } from '@fieldsync/domain'
import { observedText } from '@fieldsync/messages'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'

import { Facts } from '../../components/facts.tsx'
import { Page } from '../../components/page.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { usePersonName } from '../../server/person-names.ts'
import { useApi, useSignedIn } from '../../server/server.ts'
import { Differences } from '../playbooks/differences.tsx'
import { changesBetween } from '../playbooks/leaves.ts'
import { RecommendationsOfObservation } from '../recommendations/of-observation.tsx'
import { SeverityBadge, StatusBadge } from './observation-badges.tsx'

const route = getRouteApi('/observations/$observationId')

/** One observation with how it was corrected and what was recommended. */
export function ObservationPage() {
  const { t } = useMessages()
  const api = useApi()
  const observationId = route.useParams().observationId as ObservationId
  const query = useQuery({
    queryKey: ['observation', observationId],
    queryFn: ({ signal }) => api.observations.get.query({ observationId }, { signal }),
  })
  return (
    <Page
      title={t('observation.title')}
      lead={<code>{observationId}</code>}
      back={{ to: '/observations', label: t('observations.title') }}
    >
      <QueryResult query={query}>
        {(observation) => (
          <>
            <Details observation={observation} />
            <Corrections observationId={observationId} />
            <RecommendationsOfObservation observation={observation} />
          </>
        )}
      </QueryResult>
    </Page>
  )
}

function Details({ observation }: { observation: Observation }) {
  const { t, formats } = useMessages()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  const { extraction, status } = observation
  const seen = observedText({ t, formats }, observation)
  return (
    <section className="card">
      <div className="row">
        <StatusBadge status={status} />
        <SeverityBadge observation={observation} />
        <strong>{seen.issue}</strong>
      </div>
      <p>{observation.rawNoteText}</p>
      <Facts
        of={[
          [t('field.fieldBlock'), extraction.fieldBlock],
          [t('field.variety'), extraction.variety],
          [t('field.symptoms'), seen.symptoms],
          [t('field.leafWetness'), seen.leafWetness],
          [t('field.windEstimateKph'), seen.wind],
          [t('field.temperatureC'), seen.temperature],
          [t('field.location'), seen.place],
          [t('field.observationTime'), moment(extraction.observationTime)],
          [t('field.createdAt'), moment(observation.createdAt)],
          [t('field.captureMode'), t(`captureMode.${observation.captureMode}`)],
          [
            t('field.deviceId'),
            <Link key="device" to="/devices/$deviceId" params={{ deviceId: observation.deviceId }}>
              {observation.deviceId}
            </Link>,
          ],
        ]}
      />
      {!deviceStatePlaceholders(observation) && <p className="soft">{t('marks.older')}</p>}
    </section>
  )
}

/** Members that every correction changes, and that say nothing of the field. */
const OWN = new Set(['correction', 'deterministicChecksum', 'updatedAt'])

/** What was corrected, by whom and why, newest first. */
function Corrections({ observationId }: { observationId: ObservationId }) {
  const { t } = useMessages()
  const api = useApi()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  const nameOf = usePersonName()
  const query = useQuery({
    queryKey: ['corrections', observationId],
    queryFn: ({ signal }) => api.observations.corrections.query({ observationId, limit: 100 }, { signal }),
  })
  return (
    <section className="card">
      <h2>{t('corrections.title')}</h2>
      <QueryResult query={query} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="soft">{t('corrections.none')}</p>
          ) : (
            items.map(({ correctionId, reason, acceptedAt, deviceId, before, after }) => (
              <div key={correctionId} className="page">
                <p>
                  <strong>{reason}</strong>{' '}
                  <span className="soft">
                    {moment(acceptedAt)} · {nameOf(deviceId)}
                  </span>
                </p>
                {before === null ? (
                  <p className="soft">{t('corrections.first')}</p>
                ) : (
                  <Differences
                    changes={changesBetween(withoutPlaceholders(before), withoutPlaceholders(after)).filter(
                      ({ segments }) => !OWN.has(segments[0] ?? ''),
                    )}
                  />
                )}
              </div>
            ))
          )
        }
      </QueryResult>
    </section>
  )
}
