import type { FieldsyncApi } from '@fieldsync/client'
import { DeviceId, type DeviceRecord, MAX_PAGE_SIZE } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'

import { Badge } from '../../components/badge.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Empty } from '../../components/empty.tsx'
import { ErrorNote } from '../../components/error-note.tsx'
import { Facts } from '../../components/facts.tsx'
import { Page } from '../../components/page.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'
import { DEVICE_TONES } from './device-tones.ts'

const route = getRouteApi('/devices/$deviceId')

/** One device. */
export function DevicePage() {
  const { t } = useMessages()
  const api = useApi()
  const { deviceId } = route.useParams()
  const query = useQuery({
    queryKey: ['device', deviceId],
    queryFn: ({ signal }) => findDevice(api, deviceId, signal),
  })
  const [revoking, setRevoking] = useState(false)
  const mayRevoke = useMay('devices.revoke')
  const isActive = query.data != null && query.data.revokedAt === null
  const actions =
    mayRevoke && isActive ? (
      <Button color="red" variant="outline" onClick={() => setRevoking(true)}>
        {t('devices.revoke')}
      </Button>
    ) : undefined
  return (
    <Page title={deviceId} back={{ to: '/devices', label: t('devices.title') }} actions={actions}>
      <QueryResult query={query}>
        {(device) =>
          device === null ? (
            <Empty title={t('devices.unknown')}>{t('devices.unknown.lead')}</Empty>
          ) : (
            <Details device={device} />
          )
        }
      </QueryResult>
      {revoking && mayRevoke ? (
        <RevokeDevice deviceId={DeviceId.parse(deviceId)} close={() => setRevoking(false)} />
      ) : null}
    </Page>
  )
}

function Details({ device: { device, report, ...record } }: { device: DeviceRecord }) {
  const { t, formats } = useMessages()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  const at = (instant: string | null) => (instant === null ? null : moment(instant))
  return (
    <>
      <section className="card">
        <div className="row">
          <Badge tone={DEVICE_TONES[record.state]}>{t(`state.${record.state}`)}</Badge>
          <span className="soft">{t(`state.${record.state}.about`)}</span>
        </div>
        <Facts
          of={[
            [t('devices.role'), t(`role.${record.role}`)],
            [t('devices.lastSeen'), at(record.lastSeenAt) ?? t('never')],
            [t('devices.lag'), record.lag === null ? null : formats.number(record.lag)],
            [t('devices.openConflicts'), formats.number(record.openConflicts)],
            [t('devices.createdAt'), at(record.createdAt)],
            ...(record.revokedAt === null ? [] : [[t('devices.revokedAt'), at(record.revokedAt)] as const]),
            [t('devices.appVersion'), device?.appVersion],
            [t('devices.platform'), device?.platform],
            [t('devices.modelVersion'), device?.modelPackageVersion],
          ]}
        />
        <div className="row">
          <Link to="/syncs" search={{ deviceId: record.deviceId }}>
            {t('devices.syncs')}
          </Link>
          <Link to="/observations" search={{ deviceId: record.deviceId }}>
            {t('devices.observations')}
          </Link>
        </div>
      </section>
      <section className="card">
        <h2>{t('devices.report')}</h2>
        {report === null ? (
          <p className="soft">{t('devices.report.none')}</p>
        ) : (
          <Facts
            of={[
              [t('devices.reportedAt'), at(report.reportedAt)],
              [t('devices.pending'), formats.number(report.pending)],
              [t('devices.conflicts'), formats.number(report.conflicts)],
              [t('devices.quarantined'), formats.number(report.quarantined)],
              [t('devices.localOnly'), formats.number(report.localOnly ?? 0)],
              [t('devices.oldestPending'), at(report.oldestPendingAt ?? null)],
            ]}
          />
        )}
      </section>
    </>
  )
}

/** Asks before a device is shut out for good. */
function RevokeDevice({ deviceId, close }: { deviceId: DeviceId; close: () => void }) {
  const { t } = useMessages()
  const api = useApi()
  const { session } = useSignedIn()
  const queries = useQueryClient()
  const revocation = useMutation({
    mutationFn: () => api.devices.revoke.mutate({ deviceId }),
    onSuccess: async () => {
      // First, so that the focus does not return to a button that is about to go.
      await queries.invalidateQueries()
      close()
    },
  })
  return (
    <Dialog close={close} title={t('devices.revoke.title', { device: deviceId })}>
      <div className="page">
        <p>{t('devices.revoke.lead')}</p>
        {deviceId === session.deviceId ? (
          <p className="note waiting" role="alert">
            {t('devices.revoke.own')}
          </p>
        ) : null}
        {revocation.error === null ? null : <ErrorNote error={revocation.error} />}
        <div className="row">
          <Button color="red" loading={revocation.isPending} onClick={() => revocation.mutate()}>
            {t('devices.revoke.go')}
          </Button>
          <Button variant="default" onClick={close} data-autofocus>
            {t('cancel')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

/** One device of the list, which is in the order of their ids; null where there is none. */
async function findDevice(
  api: FieldsyncApi,
  deviceId: string,
  signal: AbortSignal,
): Promise<DeviceRecord | null> {
  let cursor: string | undefined
  do {
    const page = await api.devices.list.query(
      { limit: MAX_PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) },
      { signal },
    )
    const found = page.items.find((device) => device.deviceId === deviceId)
    if (found !== undefined) return found
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return null
}
