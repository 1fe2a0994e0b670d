import { DEVICE_CREDENTIALS, DEVICE_STATES, type DeviceRecord, WIPE_STATES } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'

import { Badge } from '../../components/badge.tsx'
import { Filters } from '../../components/filters.tsx'
import { listSearch } from '../../components/list-search.ts'
import { type Column, Listed, MOMENT, NUMBER } from '../../components/listed.tsx'
import { Page } from '../../components/page.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'
import { CreateDevice } from './create-device.tsx'
import { DEVICE_TONES, shownState } from './device-tones.ts'
import { FieldAppHere } from './field-app-here.tsx'

const route = getRouteApi('/devices')

/** All devices and how they stand. */
export function Devices() {
  const { t } = useMessages()
  const api = useApi()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [creating, setCreating] = useState(false)
  const mayCreate = useMay('devices.create')
  const columns = useDeviceColumns()
  const query = useQuery({
    queryKey: ['devices', search],
    queryFn: ({ signal }) => api.devices.list.query(search, { signal }),
    placeholderData: keepPreviousData,
  })
  const { cursor, values, apply, go } = listSearch(search, navigate)
  const actions = mayCreate ? (
    <>
      <FieldAppHere />
      <Button onClick={() => setCreating(true)}>{t('devices.create')}</Button>
    </>
  ) : undefined
  return (
    <Page title={t('devices.title')} lead={t('devices.lead')} actions={actions}>
      <Filters
        filters={[
          {
            kind: 'choice',
            name: 'state',
            label: t('devices.state'),
            choices: DEVICE_STATES.map((value) => ({ value, label: t(`state.${value}`) })),
          },
          {
            kind: 'choice',
            name: 'credential',
            label: t('devices.credential'),
            choices: DEVICE_CREDENTIALS.map((value) => ({
              value,
              label: t(`devices.credential.${value}`),
            })),
          },
          {
            kind: 'choice',
            name: 'wipe',
            label: t('devices.wipe.filter'),
            choices: WIPE_STATES.map((value) => ({ value, label: t(`devices.wipe.${value}`) })),
          },
        ]}
        values={values}
        apply={apply}
      />
      <Listed
        query={query}
        caption={t('devices.title')}
        columns={columns}
        idOf={({ deviceId }) => deviceId}
        none={{ title: t('devices.none'), lead: t('devices.none.lead') }}
        cursor={cursor}
        go={go}
      />
      {creating ? <CreateDevice close={() => setCreating(false)} /> : null}
    </Page>
  )
}

function useDeviceColumns(): Column<DeviceRecord>[] {
  const { t, formats } = useMessages()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  return useMemo(
    () => [
      {
        id: 'device',
        header: t('field.deviceId'),
        cell: ({ row: { original } }) => (
          <Link to="/devices/$deviceId" params={{ deviceId: original.deviceId }}>
            {original.deviceId}
          </Link>
        ),
      },
      {
        id: 'state',
        header: t('devices.state'),
        cell: ({ row: { original } }) => (
          <Badge tone={DEVICE_TONES[shownState(original)]}>{t(`state.${shownState(original)}`)}</Badge>
        ),
      },
      { id: 'role', header: t('devices.role'), cell: ({ row: { original } }) => t(`role.${original.role}`) },
      {
        id: 'credential',
        header: t('devices.credential'),
        cell: ({ row: { original } }) => <Credential device={original} />,
      },
      {
        id: 'seen',
        header: t('devices.lastSeen'),
        meta: MOMENT,
        cell: ({ row: { original } }) =>
          original.lastSeenAt === null ? t('never') : moment(original.lastSeenAt),
      },
      {
        id: 'version',
        header: t('devices.appVersion'),
        cell: ({ row: { original } }) =>
          original.device === null ? '–' : `${original.device.appVersion} · ${original.device.platform}`,
      },
      {
        id: 'lag',
        header: t('devices.lag'),
        meta: NUMBER,
        cell: ({ row: { original } }) => (original.lag === null ? '–' : formats.number(original.lag)),
      },
      {
        id: 'report',
        header: t('devices.pending'),
        meta: NUMBER,
        cell: ({ row: { original } }) =>
          original.report === null ? '–' : formats.number(original.report.pending),
      },
    ],
    [t, formats, moment],
  )
}

/** By what it may call; a revoked device may not. */
function Credential({ device: { key, preShared, revokedAt } }: { device: DeviceRecord }) {
  const { t } = useMessages()
  if (revokedAt !== null) return '–'
  if (key?.confirmedAt === null) return <Badge tone="waiting">{t('devices.credential.unconfirmed')}</Badge>
  const kinds = [...(key ? ['key' as const] : []), ...(preShared === true ? ['preShared' as const] : [])]
  return kinds.map((kind) => t(`devices.credential.${kind}`)).join(', ') || '–'
}
