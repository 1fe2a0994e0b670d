import type { FieldsyncApi } from '@fieldsync/client'
import { type DeviceRecord, MAX_PAGE_SIZE } from '@fieldsync/contracts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'

import { Badge } from '../../components/badge.tsx'
import { Empty } from '../../components/empty.tsx'
import { Facts } from '../../components/facts.tsx'
import { Page } from '../../components/page.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'
import { DeviceActions } from './device-actions.tsx'
import { DEVICE_TONES, shownState } from './device-tones.ts'

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
  const mayManage = useMay('devices.revoke')
  const actions = mayManage && query.data != null ? <DeviceActions device={query.data} /> : undefined
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
    </Page>
  )
}

function Details({ device: { device, report, ...record } }: { device: DeviceRecord }) {
  const { t, formats } = useMessages()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  const shown = shownState(record)
  const { wipe } = record
  const at = (instant: string | null) => (instant === null ? null : moment(instant))
  return (
    <>
      <section className="card">
        <div className="row">
          <Badge tone={DEVICE_TONES[shown]}>{t(`state.${shown}`)}</Badge>
          <span className="soft">{t(`state.${shown}.about`)}</span>
        </div>
        <Facts
          of={[
            [t('devices.role'), t(`role.${record.role}`)],
            [
              t('devices.key'),
              record.key ? <code className="fingerprint">{record.key.fingerprint}</code> : null,
            ],
            ...(record.key?.confirmedAt === null
              ? [[t('devices.key.state'), t('devices.credential.unconfirmed')] as const]
              : []),
            ...(record.key ? [[t('devices.enrolledAt'), at(record.key.enrolledAt)] as const] : []),
            [t('devices.preShared'), record.preShared ? t('devices.preShared.valid') : null],
            [t('devices.lastSeen'), at(record.lastSeenAt) ?? t('never')],
            [t('devices.lag'), record.lag === null ? null : formats.number(record.lag)],
            [t('devices.openConflicts'), formats.number(record.openConflicts)],
            [t('devices.createdAt'), at(record.createdAt)],
            ...(record.revokedAt === null ? [] : [[t('devices.revokedAt'), at(record.revokedAt)] as const]),
            ...(wipe
              ? ([
                  [t('devices.wipe.requestedAt'), at(wipe.requestedAt)],
                  [t('devices.wipe.acknowledgedAt'), at(wipe.acknowledgedAt) ?? t('devices.wipe.waiting')],
                  [
                    t('devices.wipe.unsentDeleted'),
                    wipe.unsentDeleted === null ? null : formats.number(wipe.unsentDeleted),
                  ],
                ] as const)
              : []),
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
