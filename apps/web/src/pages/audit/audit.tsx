import { type AuditEntry, CONFLICT_CODES } from '@fieldsync/contracts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'

import { Badge } from '../../components/badge.tsx'
import { CheckpointState } from '../../components/checkpoint-state.tsx'
import { Empty } from '../../components/empty.tsx'
import { Filters } from '../../components/filters.tsx'
import { listSearch } from '../../components/list-search.ts'
import { type Column, Listed, MOMENT } from '../../components/listed.tsx'
import { Page } from '../../components/page.tsx'
import { type T, useMessages, useMoment } from '../../messages/messages.tsx'
import { usePeople, usePersonName } from '../../server/person-names.ts'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'
import { actionText, actorText, addressOf, AUDIT_ACTIONS, concernedText } from './audit-text.ts'
import { ExportAudit } from './export-audit.tsx'

const route = getRouteApi('/audit')

/** Who synced, and who changed what: all of it, or what is looked for (APP-90). */
export function Audit() {
  const { t } = useMessages()
  const mayRead = useMay('audit.list')
  return (
    <Page title={t('audit.title')} lead={t('audit.lead')}>
      {mayRead ? (
        <>
          <CheckpointState />
          <Entries />
        </>
      ) : (
        <section className="card">
          <Empty title={t('audit.title')}>{t('audit.forbidden')}</Empty>
        </section>
      )}
    </Page>
  )
}

function Entries() {
  const { t } = useMessages()
  const api = useApi()
  const people = usePeople()
  const nameOf = usePersonName()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const columns = useAuditColumns()
  const query = useQuery({
    queryKey: ['audit', search],
    // What an address says is the server's to judge; its refusal is shown.
    queryFn: ({ signal }) =>
      api.audit.list.query(search as Parameters<typeof api.audit.list.query>[0], { signal }),
    placeholderData: keepPreviousData,
  })
  const { cursor, values, apply, go } = listSearch(search, navigate)
  return (
    <>
      <Filters
        filters={[
          { kind: 'device', name: 'deviceId', label: t('field.deviceId') },
          people === undefined
            ? { kind: 'text', name: 'personId', label: t('audit.personId') }
            : {
                kind: 'choice',
                name: 'personId',
                label: t('audit.personId'),
                choices: people.map(({ deviceId, personId }) => ({
                  value: personId,
                  label: nameOf(deviceId),
                })),
              },
          { kind: 'text', name: 'recordId', label: t('audit.recordId') },
          { kind: 'text', name: 'path', label: t('audit.path') },
          {
            kind: 'choice',
            name: 'action',
            label: t('audit.action'),
            choices: AUDIT_ACTIONS.map((value) => ({ value, label: actionText(value, t) })),
          },
          { kind: 'moment', name: 'from', label: t('filters.from') },
          { kind: 'moment', name: 'to', label: t('filters.to') },
        ]}
        values={values}
        apply={apply}
      />
      <ExportAudit filters={values} />
      <Listed
        query={query}
        caption={t('audit.title')}
        columns={columns}
        idOf={({ entryId }) => entryId}
        none={{ title: t('audit.none'), lead: t('audit.none.lead') }}
        cursor={cursor}
        go={go}
      />
    </>
  )
}

function useAuditColumns(): Column<AuditEntry>[] {
  const { t } = useMessages()
  const nameOf = usePersonName()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  return useMemo(
    () => [
      {
        id: 'at',
        header: t('audit.at'),
        meta: MOMENT,
        cell: ({ row: { original } }) => (
          <Link to="/audit/$entryId" params={{ entryId: addressOf(original.entryId) }}>
            {moment(original.at)}
          </Link>
        ),
      },
      {
        id: 'who',
        header: t('audit.who'),
        cell: ({ row: { original } }) => actorText(original.actor, t, nameOf),
      },
      {
        id: 'what',
        header: t('audit.action'),
        cell: ({ row: { original } }) => (
          <div className="row">
            {actionText(original.action, t)}
            <Refusal outcome={original.outcome} t={t} />
          </div>
        ),
      },
      {
        id: 'about',
        header: t('audit.target'),
        cell: ({ row: { original } }) =>
          concernedText(original, nameOf) ?? <code>{original.target?.id ?? '–'}</code>,
      },
    ],
    [t, moment, nameOf],
  )
}

/** That an attempt was refused, and why; nothing for what was accepted. */
function Refusal({ outcome: { code, ok }, t }: { outcome: AuditEntry['outcome']; t: T }) {
  if (ok) return null
  const known = CONFLICT_CODES.find((each) => each === code)
  const why = known === undefined ? code : t(`code.${known}`)
  return <Badge tone="clash">{[t('audit.refused'), why].filter(Boolean).join(': ')}</Badge>
}
