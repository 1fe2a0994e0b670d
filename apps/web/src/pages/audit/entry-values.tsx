import type { AuditEntry } from '@fieldsync/contracts'
import { useQuery } from '@tanstack/react-query'

import { Facts } from '../../components/facts.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { useApi } from '../../server/server.ts'
import { Differences } from '../playbooks/differences.tsx'
import { type StoredValues, storedValues } from './stored-values.ts'

type Change = NonNullable<AuditEntry['change']>

/** What an entry changed: values where they are still stored, else hashes (APP-92). */
export function EntryValues({ entry, change }: { entry: AuditEntry; change: Change }) {
  const { t } = useMessages()
  const api = useApi()
  const query = useQuery({
    queryKey: ['audit values', entry.entryId],
    queryFn: ({ signal }) => storedValues(api, entry, signal),
  })
  return (
    <section className="card">
      <h2>{t('audit.values')}</h2>
      <QueryResult query={query} lines={2}>
        {(values) => <Values values={values} />}
      </QueryResult>
      <Facts
        of={[
          [t('audit.before'), <code key="before">{change.beforeSha256 ?? '–'}</code>],
          [t('audit.after'), <code key="after">{change.afterSha256 ?? '–'}</code>],
        ]}
      />
      <h3>{t('audit.places')}</h3>
      <Places change={change} />
    </section>
  )
}

function Values({ values }: { values: StoredValues }) {
  const { t } = useMessages()
  if (values.kind === 'gone') return <p className="soft">{t('audit.values.gone')}</p>
  return (
    <>
      {values.kind === 'verified' ? (
        <p className="soft">{t('audit.values.verified')}</p>
      ) : (
        <p className="note clash" role="alert">
          {t('audit.values.differ')}
        </p>
      )}
      <Differences changes={values.changes} />
    </>
  )
}

/** Places that changed, each with the beginnings of its hashes where the entry has them. */
function Places({ change: { edit, paths } }: { change: Change }) {
  const { t } = useMessages()
  const places = edit?.places.length
    ? edit.places
    : paths.map((path) => ({ path, beforeSha256: null, afterSha256: null }))
  if (places.length === 0) return <p className="soft">{t('audit.places.none')}</p>
  return (
    <ul>
      {places.map(({ afterSha256, beforeSha256, path }) => (
        <li key={path}>
          <code>{path || '/'}</code>
          {edit?.places.length ? (
            <code className="soft">{` ${short(beforeSha256)} → ${short(afterSha256)}`}</code>
          ) : null}
        </li>
      ))}
    </ul>
  )
}

const short = (hash: string | null): string => hash?.slice(0, 12) ?? '–'
