import { ConflictResolution, DeviceId, type SyncDetail, SyncId } from '@fieldsync/contracts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'

import { Badge } from '../../components/badge.tsx'
import { ServerText } from '../../components/error-note.tsx'
import { Facts } from '../../components/facts.tsx'
import { Page } from '../../components/page.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { nameOf } from '../../components/value-text.ts'
import { type T, useMessages, useMoment, useMomentText } from '../../messages/messages.tsx'
import { useApi, useSignedIn } from '../../server/server.ts'

const route = getRouteApi('/syncs/$deviceId/$syncId')

/** One batch: what came, what became of it, what went down. */
export function SyncPage() {
  const { t } = useMessages()
  const api = useApi()
  const { deviceId, syncId } = route.useParams()
  const query = useQuery({
    queryKey: ['sync', deviceId, syncId],
    queryFn: ({ signal }) =>
      api.syncs.get.query({ deviceId: DeviceId.parse(deviceId), syncId: SyncId.parse(syncId) }, { signal }),
  })
  return (
    <Page
      title={t('sync.title')}
      lead={<code>{syncId}</code>}
      back={{ to: '/syncs', label: t('syncs.title') }}
    >
      <QueryResult query={query}>{(sync) => <Details sync={sync} />}</QueryResult>
    </Page>
  )
}

function Details({ sync }: { sync: SyncDetail }) {
  const { t, formats } = useMessages()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  const counts = (of: SyncDetail['accepted'] | null): string =>
    of === null
      ? t('sync.notKept')
      : [
          of.observations > 0 && t('sync.count.observations', { count: of.observations }),
          of.recommendations > 0 && t('sync.count.recommendations', { count: of.recommendations }),
          of.playbookPatches > 0 && t('sync.count.patches', { count: of.playbookPatches }),
        ]
          .filter((each) => each !== false)
          .join(', ') || '0'
  const { downstream } = sync
  return (
    <>
      <section className="card">
        <Facts
          of={[
            [t('syncs.at'), moment(sync.receivedAt)],
            [
              t('field.deviceId'),
              <Link key="device" to="/devices/$deviceId" params={{ deviceId: sync.deviceId }}>
                {sync.deviceId}
              </Link>,
            ],
            [t('syncs.sent'), counts(sync.sent)],
            [t('syncs.accepted'), counts(sync.accepted)],
            [t('syncs.conflicts'), formats.number(sync.conflicts)],
            [t('sync.answer'), `${formats.number(Math.ceil(sync.answerBytes / 1024))} KB`],
          ]}
        />
      </section>
      <section className="card">
        <h2>{t('syncs.conflicts')}</h2>
        <ReportedConflicts conflicts={sync.toldConflicts} />
      </section>
      <section className="card">
        <h2>{t('sync.down')}</h2>
        <Facts
          of={[
            [t('sync.down.observations'), formats.number(downstream.observationIds.length)],
            [t('sync.down.recommendations'), formats.number(downstream.recommendationIds.length)],
            [
              t('sync.down.playbooks'),
              downstream.playbooks.map(({ playbookId, version }) => `${playbookId} v${version}`).join(', ') ||
                '0',
            ],
            [t('sync.down.deleted'), formats.number(downstream.deleted.length)],
            [t('sync.down.more'), t(downstream.hasMore ? 'yes' : 'no')],
          ]}
        />
        {downstream.observationIds.length === 0 ? null : (
          <details>
            <summary>{t('sync.down.which')}</summary>
            <ul>
              {downstream.observationIds.map((observationId) => (
                <li key={observationId} className="mono">
                  <Link to="/observations/$observationId" params={{ observationId }}>
                    {observationId}
                  </Link>
                </li>
              ))}
            </ul>
          </details>
        )}
      </section>
    </>
  )
}

/** Each conflict of a batch: why, what its device should do, and what has been done. */
function ReportedConflicts({ conflicts }: { conflicts: SyncDetail['toldConflicts'] }) {
  const { t } = useMessages()
  const moment = useMomentText(useSignedIn().session.workspace.timeZone)
  if (conflicts.length === 0) return <p className="soft">{t('sync.noConflicts')}</p>
  return (
    <ul className="diff">
      {conflicts.map((conflict) => (
        <li key={conflict.conflictId}>
          <div className="row">
            <Badge tone={conflict.open ? 'clash' : 'settled'}>
              {t(conflict.open ? 'sync.open' : 'sync.resolved')}
            </Badge>
            <strong title={conflict.code}>{t(`code.${conflict.code}`)}</strong>
          </div>
          <p>{t(`why.${conflict.code}`)}</p>
          <p className="soft">
            {t(`entity.${conflict.entityType}`)} <code>{conflict.entityId}</code>
          </p>
          {(conflict.issues ?? []).map(({ path, message }) => (
            // The record itself is on its device alone: here is known where, and what the server says of it.
            <div key={`${path} ${message}`} className="soft">
              {placeOf(path, t)}
              {t('breach.unknown')}
              <ServerText text={`${path} ${message}`.trim()} />
            </div>
          ))}
          <p>
            {conflict.resolvedAt === null
              ? t('sync.todo', { todo: t(`resolution.${conflict.resolution}`) })
              : t('sync.done', { as: doneAs(conflict.resolvedAs, t), at: moment(conflict.resolvedAt) })}
          </p>
        </li>
      ))}
    </ul>
  )
}

/** What an issue is about, with a colon: a value of the record, or a change of a playbook; empty for the whole record. */
function placeOf(path: string, t: T): string {
  if (path === '') return ''
  const segments = path.split('/').slice(1)
  return `${segments[0] === 'operations' ? t('entity.playbookPatch') : nameOf(segments, t)}: `
}

const RESOLVED_AS = [...ConflictResolution.options, 'discard'] as const

/** What was done about it, in the person's language; what a newer device reports, as it says. */
function doneAs(resolvedAs: string | null, t: T): string {
  const known = RESOLVED_AS.find((each) => each === resolvedAs)
  return known === undefined ? (resolvedAs ?? '–') : t(`resolved.${known}`)
}
