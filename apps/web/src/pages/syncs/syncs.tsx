import { type AcceptedCounts, CONFLICT_CODES, type SyncRecord } from '@fieldsync/contracts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { z } from 'zod'

import { Badge } from '../../components/badge.tsx'
import { Filters } from '../../components/filters.tsx'
import { listSearch } from '../../components/list-search.ts'
import { type Column, Listed, MOMENT, NUMBER } from '../../components/listed.tsx'
import { Page } from '../../components/page.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { useApi, useSignedIn } from '../../server/server.ts'

const route = getRouteApi('/syncs')

/** Every stored batch, newest first. */
export function Syncs() {
  const { t } = useMessages()
  const api = useApi()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const columns = useSyncColumns()
  const query = useQuery({
    queryKey: ['syncs', search],
    // What an address says is the server's to judge; its refusal is shown.
    queryFn: ({ signal }) =>
      api.syncs.list.query(search as Parameters<typeof api.syncs.list.query>[0], { signal }),
    placeholderData: keepPreviousData,
  })
  const { cursor, values, apply, go } = listSearch(search, navigate)
  return (
    <Page title={t('syncs.title')} lead={t('syncs.lead')}>
      <Filters
        filters={[
          { kind: 'device', name: 'deviceId', label: t('field.deviceId') },
          {
            kind: 'choice',
            name: 'code',
            label: t('syncs.code'),
            choices: CONFLICT_CODES.map((value) => ({ value, label: t(`code.${value}`) })),
          },
          { kind: 'moment', name: 'from', label: t('filters.from') },
          { kind: 'moment', name: 'to', label: t('filters.to') },
        ]}
        values={values}
        apply={apply}
      />
      <Listed
        query={query}
        caption={t('syncs.title')}
        columns={columns}
        idOf={({ deviceId, syncId }) => `${deviceId}/${syncId}`}
        none={{ title: t('syncs.none'), lead: t('syncs.none.lead') }}
        cursor={cursor}
        go={go}
      />
    </Page>
  )
}

function useSyncColumns(): Column<SyncRecord>[] {
  const { t, formats } = useMessages()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  return useMemo(
    () => [
      {
        id: 'at',
        header: t('syncs.at'),
        meta: MOMENT,
        cell: ({ row: { original } }) => (
          <Link
            to="/syncs/$deviceId/$syncId"
            params={{ deviceId: original.deviceId, syncId: original.syncId }}
          >
            {moment(original.receivedAt)}
          </Link>
        ),
      },
      { id: 'device', header: t('field.deviceId'), cell: ({ row: { original } }) => original.deviceId },
      {
        id: 'sent',
        header: t('syncs.sent'),
        meta: NUMBER,
        cell: ({ row: { original } }) =>
          original.sent === null ? '–' : formats.number(sumOf(original.sent)),
      },
      {
        id: 'accepted',
        header: t('syncs.accepted'),
        meta: NUMBER,
        cell: ({ row: { original } }) => formats.number(sumOf(original.accepted)),
      },
      {
        id: 'conflicts',
        header: t('syncs.conflicts'),
        cell: ({ row: { original } }) =>
          original.conflicts === 0 ? (
            <span className="soft">0</span>
          ) : (
            <div className="row">
              {original.codes.length === 0 ? (
                <Badge tone="clash">{formats.number(original.conflicts)}</Badge>
              ) : null}
              {original.codes.map(({ code, count }) => (
                <Badge key={code} tone="clash">
                  {`${formats.number(count)} × ${t(`code.${code}`)}`}
                </Badge>
              ))}
            </div>
          ),
      },
    ],
    [t, formats, moment],
  )
}

/** Records of all kinds. */
const sumOf = (counts: z.infer<typeof AcceptedCounts>): number =>
  counts.observations + counts.recommendations + counts.playbookPatches
