import type { ObservationId } from '@fieldsync/contracts'
import { withoutPlaceholders } from '@fieldsync/domain'
import { useQuery } from '@tanstack/react-query'

import { QueryResult } from '../../components/query-result.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { useApi, useSignedIn } from '../../server/server.ts'
import { Differences } from '../playbooks/differences.tsx'
import { changesBetween } from '../playbooks/leaves.ts'

/** Members that every correction changes, and that say nothing of the field. */
const OWN = new Set(['correction', 'deterministicChecksum', 'updatedAt'])

/** What was corrected, by whom and why, newest first. */
export function Corrections({ observationId }: { observationId: ObservationId }) {
  const { t } = useMessages()
  const api = useApi()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
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
                    {moment(acceptedAt)} · {deviceId}
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
