import type { Playbook } from '@fieldsync/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'

import { QueryResult } from '../../components/query-result.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { useApi, useSignedIn } from '../../server/server.ts'
import { type Affected, affectedBy, type OpenRecommendations, readOpenRecommendations } from './affected.ts'
import { ChangedRecommendation } from './changed-recommendation.tsx'

type Props = {
  /** The playbook as the change would leave it, with the version that it would have. */
  readonly after: Playbook
}

/** Which open recommendations a change of a playbook would replace, and by what, before it is made (APP-110). */
export function AffectedRecommendations({ after }: Props) {
  const { t } = useMessages()
  const api = useApi()
  const { server } = useSignedIn()
  const { playbookId } = after
  const query = useQuery({
    queryKey: ['open recommendations', playbookId],
    queryFn: ({ signal }) => readOpenRecommendations(api, playbookId, server.clock.now(), signal),
  })
  return (
    <section className="page" aria-label={t('affected.title')}>
      <h3>{t('affected.title')}</h3>
      <QueryResult query={query} lines={2}>
        {(found) => <Compared found={found} after={after} />}
      </QueryResult>
    </section>
  )
}

function Compared({ found, after }: Props & { found: OpenRecommendations }) {
  const { t } = useMessages()
  const { server, session } = useSignedIn()
  const { timeZone } = session.workspace
  const affected = useMemo(
    () =>
      affectedBy(found.open, after, {
        timeZone,
        generatedAt: new Date(server.clock.now()).toISOString(),
      }),
    [found, after, timeZone, server],
  )
  const count = found.open.length
  if (count === 0) return <p className="soft">{t('affected.none')}</p>
  return (
    <>
      <p role="status">
        {affected.length === 0
          ? t('affected.same', { count })
          : t('affected.some', { count: affected.length })}
      </p>
      {affected.length === 0 ? null : (
        <ul className="diff">
          {affected.map((each) => (
            <li key={each.before.recommendationId}>
              <One affected={each} />
            </li>
          ))}
        </ul>
      )}
      {found.hasMore ? <p className="soft">{t('affected.more', { count })}</p> : null}
    </>
  )
}

function One({ affected: { before, after } }: { affected: Affected }) {
  const { t } = useMessages()
  return (
    <>
      <Link
        to="/recommendations/$recommendationId"
        params={{ recommendationId: before.recommendationId }}
        target="_blank"
      >
        {[before.fieldBlock, t(`issue.${before.issue}`), t(`severity.${before.severity}`)]
          .filter(Boolean)
          .join(' · ')}
      </Link>
      <ChangedRecommendation before={before} after={after} />
    </>
  )
}
