import type { SessionRecord } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'

import { Badge } from '../../components/badge.tsx'
import { ErrorNote } from '../../components/error-note.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useChange } from '../../components/steps.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { auth } from '../../server/auth.ts'
import { useSignedIn } from '../../server/server.ts'
import { browserName } from './browser-name.ts'

/** Where the person is signed in; each of these sessions can be ended, or all but this one (APP-81). */
export function Sessions() {
  const { t } = useMessages()
  const query = useQuery({
    queryKey: ['sessions'],
    queryFn: ({ signal }) => auth('sessions', {}, { signal }),
  })
  const endOthers = useChange(() => auth('endSessions', { others: true }))
  return (
    <section className="card">
      <h2>{t('sessions.title')}</h2>
      <p className="soft">{t('sessions.lead')}</p>
      <QueryResult query={query} lines={3}>
        {({ sessions }) => (
          <>
            <ul className="plain-list">
              {sessions.map((session) => (
                <Session key={session.sessionId} session={session} />
              ))}
            </ul>
            {sessions.some(({ current }) => !current) ? (
              <div className="row">
                <Button
                  color="red"
                  variant="outline"
                  loading={endOthers.isPending}
                  onClick={() => endOthers.mutate()}
                >
                  {t('sessions.endOthers')}
                </Button>
              </div>
            ) : (
              <p className="soft">{t('sessions.noOthers')}</p>
            )}
            {endOthers.error === null ? null : <ErrorNote error={endOthers.error} />}
          </>
        )}
      </QueryResult>
    </section>
  )
}

function Session({ session }: { session: SessionRecord }) {
  const { t } = useMessages()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  const { sessionId, createdAt, lastSeenAt, ipAddress, userAgent, current } = session
  const end = useChange(() => auth('endSessions', { sessionId }))
  const name = browserName(userAgent) ?? t('sessions.unknown')
  return (
    <li className="session">
      <div>
        <strong>{name}</strong> {current ? <Badge tone="settled">{t('sessions.current')}</Badge> : null}
        <p className="soft">
          {t('sessions.since')} {moment(createdAt)} · {t('sessions.lastSeen')} {moment(lastSeenAt)}
          {ipAddress === null ? null : ` · ${ipAddress}`}
        </p>
        {end.error === null ? null : <ErrorNote error={end.error} />}
      </div>
      {current ? null : (
        <Button
          variant="default"
          size="xs"
          loading={end.isPending}
          onClick={() => end.mutate()}
          aria-label={t('sessions.end.of', { name })}
        >
          {t('sessions.end')}
        </Button>
      )}
    </li>
  )
}
