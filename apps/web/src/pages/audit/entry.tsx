import type { AuditEntry } from '@fieldsync/contracts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'

import { Badge } from '../../components/badge.tsx'
import { Empty } from '../../components/empty.tsx'
import { Facts } from '../../components/facts.tsx'
import { Page } from '../../components/page.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { usePersonName } from '../../server/person-names.ts'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'
import { actionText, actorText, authenticationText, concernedText, entryIdOf } from './audit-text.ts'
import { EntryValues } from './entry-values.tsx'

const route = getRouteApi('/audit/$entryId')

/** One entry of the audit: who, what, how proven, and the values before and after where they are still stored (APP-91). */
export function AuditEntryPage() {
  const { t } = useMessages()
  const entryId = entryIdOf(route.useParams().entryId)
  const mayRead = useMay('audit.list')
  return (
    <Page
      title={t('audit.entry')}
      lead={<code>{entryId}</code>}
      back={{ to: '/audit', label: t('audit.title') }}
    >
      {mayRead ? (
        <Entry entryId={entryId} />
      ) : (
        <section className="card">
          <Empty title={t('audit.title')}>{t('audit.forbidden')}</Empty>
        </section>
      )}
    </Page>
  )
}

function Entry({ entryId }: { entryId: string }) {
  const { t } = useMessages()
  const api = useApi()
  const query = useQuery({
    queryKey: ['audit entry', entryId],
    queryFn: async ({ signal }) => {
      const before = entryBefore(entryId)
      if (before === undefined) return null
      const { items } = await api.audit.list.query({ after: before, limit: 1 }, { signal })
      return items.find((entry) => entry.entryId === entryId) ?? null
    },
  })
  return (
    <QueryResult query={query}>
      {(entry) =>
        entry === null ? (
          <section className="card">
            <Empty title={t('audit.none')}>{t('audit.entry.unknown', { entry: entryId })}</Empty>
          </section>
        ) : (
          <Details entry={entry} />
        )
      }
    </QueryResult>
  )
}

/** The place right before an entry, from which a list goes on with it; undefined for a text that is no entry's id. */
function entryBefore(entryId: string): string | undefined {
  const [, seq, index] = /^(\d{1,15})\.(\d{1,6})$/.exec(entryId) ?? []
  if (seq === undefined || index === undefined) return undefined
  return Number(index) > 0 ? `${seq}.${Number(index) - 1}` : String(Math.max(0, Number(seq) - 1))
}

function Details({ entry }: { entry: AuditEntry }) {
  const { t } = useMessages()
  const nameOf = usePersonName()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  const { action, actor, at, change, hash, outcome, request, seq, target } = entry
  const edit = change?.edit
  const concerned = concernedText(entry, nameOf)
  const reason = edit?.reason ?? entry.reason
  return (
    <>
      <section className="card">
        <h2>{t('audit.entry.facts')}</h2>
        <Facts
          of={[
            [t('audit.at'), moment(at)],
            [t('audit.who'), actorText(actor, t, nameOf)],
            ...(actor.personId == null ? [] : [[t('field.deviceId'), actor.deviceId] as const]),
            [t('audit.action'), actionText(action, t)],
            [t('audit.target'), target && <Target key="target" target={target} />],
            ...(concerned === undefined ? [] : [[t('audit.concerned'), concerned] as const]),
            [
              t('audit.outcome'),
              outcome.ok ? (
                t('audit.outcome.ok')
              ) : (
                <Badge key="refused" tone="clash">
                  {[t('audit.refused'), outcome.code].filter(Boolean).join(': ')}
                </Badge>
              ),
            ],
            ...(reason == null ? [] : [[t('audit.reason'), reason] as const]),
            ...(edit
              ? [
                  [t('audit.patch'), <code key="patch">{edit.patchId ?? '–'}</code>] as const,
                  [t('audit.versions'), `${edit.oldVersion ?? '–'} → ${edit.newVersion ?? '–'}`] as const,
                ]
              : []),
          ]}
        />
      </section>
      {change === null ? null : <EntryValues entry={entry} change={change} />}
      <section className="card">
        <h2>{t('audit.entry.proof')}</h2>
        <Facts
          of={[
            [t('audit.authentication'), authenticationText(actor, t)],
            [t('devices.key'), <Code key="key" text={actor.keyFingerprint} />],
            [t('audit.jti'), <Code key="jti" text={actor.authentication?.jti} />],
            [t('audit.request'), <Code key="request" text={request.requestId} />],
            [t('audit.key'), <Code key="idempotency" text={request.idempotencyKey} />],
            [t('audit.seq'), String(seq)],
            [t('audit.hash'), <Code key="hash" text={hash} />],
          ]}
        />
      </section>
    </>
  )
}

const Code = ({ text }: { text: string | null | undefined }) => <code>{text ?? '–'}</code>

/** What an entry is about, with the way to its page where there is one. */
function Target({ target: { id, type } }: { target: NonNullable<AuditEntry['target']> }) {
  if (type === 'observation') {
    return (
      <Link to="/observations/$observationId" params={{ observationId: id }}>
        {id}
      </Link>
    )
  }
  if (type === 'playbook') {
    return (
      <Link to="/playbooks/$playbookId" params={{ playbookId: id }}>
        {id}
      </Link>
    )
  }
  if (type === 'device') {
    return (
      <Link to="/devices/$deviceId" params={{ deviceId: id }}>
        {id}
      </Link>
    )
  }
  return <code>{id}</code>
}
