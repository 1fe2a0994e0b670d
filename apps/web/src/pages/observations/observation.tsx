import type { Observation, ObservationId } from '@fieldsync/contracts'
import { deviceStatePlaceholders } from '@fieldsync/domain'
import { observedText } from '@fieldsync/messages'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'

import { Badge } from '../../components/badge.tsx'
import { Facts } from '../../components/facts.tsx'
import { Page } from '../../components/page.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { useApi, useSignedIn } from '../../server/server.ts'
import { Corrections } from './corrections.tsx'
import { STATUS_TONES } from './observation-tones.ts'
import { Recommendations } from './recommendations.tsx'
import { SeverityBadge } from './severity-badge.tsx'

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
            <Recommendations observationId={observationId} />
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
        <Badge tone={STATUS_TONES[status]}>{t(`observationStatus.${status}`)}</Badge>
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
