import type { Overview as OverviewData } from '@fieldsync/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { AdminTokensNotice } from '../../components/admin-tokens-notice.tsx'
import { Badge } from '../../components/badge.tsx'
import { Empty } from '../../components/empty.tsx'
import { Page } from '../../components/page.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages, useMomentText } from '../../messages/messages.tsx'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'
import { useSettingsQuery } from '../../server/settings-query.ts'
import { DEVICE_TONES } from '../devices/device-tones.ts'
import { FieldAppHere } from '../devices/field-app-here.tsx'
import { HourChart } from './hour-chart.tsx'

/** Minutes pass without a change that the server would tell of. */
const REREAD_MS = 30_000
/** A workspace with no more devices has just begun: its admin is shown how to go on. */
const NEW_DEVICES = 2

/** The workspace at a glance. */
export function Overview() {
  const { t } = useMessages()
  const api = useApi()
  const query = useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => api.overview.get.query({}, { signal }),
    refetchInterval: REREAD_MS,
  })
  const { data: settings } = useSettingsQuery()
  return (
    <Page title={t('overview.title')} lead={t('overview.lead')}>
      <AdminTokensNotice settings={settings} />
      <QueryResult query={query}>{(overview) => <Glance overview={overview} />}</QueryResult>
    </Page>
  )
}

function Glance({
  overview: { devices, openConflicts, oldestUnsynced, lastHour },
}: {
  overview: OverviewData
}) {
  const { t, formats } = useMessages()
  const moment = useMomentText(useSignedIn().session.workspace.timeZone)
  const received = lastHour.accepted + lastHour.conflicts
  const states = Object.entries(devices) as [keyof typeof devices, number][]
  const mayEnroll = useMay('devices.openEnrollment')
  const isNew = mayEnroll && states.reduce((sum, [, count]) => sum + count, 0) <= NEW_DEVICES
  return (
    <>
      {isNew ? (
        <section className="card">
          <h2>{t('fieldApp.title')}</h2>
          <p className="soft">{t('fieldApp.lead')}</p>
          <div className="row">
            <FieldAppHere />
          </div>
        </section>
      ) : null}
      <div className="tiles">
        <div className="tile">
          <span className="soft">{t('overview.syncs')}</span>
          <span className="value">{formats.number(lastHour.syncs)}</span>
          <span className="about">{t('overview.lastHour')}</span>
        </div>
        <div className="tile">
          <span className="soft">{t('overview.accepted')}</span>
          <span className="value">{formats.number(lastHour.accepted)}</span>
          <span className="about">{t('overview.lastHour')}</span>
        </div>
        <div className="tile">
          <span className="soft">{t('overview.conflictRate')}</span>
          <span className="value">
            {received === 0 ? '–' : formats.percent(lastHour.conflicts / received)}
          </span>
          <span className="about">
            {t('overview.conflictsOf', {
              conflicts: formats.number(lastHour.conflicts),
              count: received,
            })}
          </span>
        </div>
        <Link className="tile" to="/devices" search={{ state: 'conflicts' }}>
          <span className="soft">{t('overview.openConflicts')}</span>
          <span className="value">{formats.number(openConflicts)}</span>
          <span className="about">{t('overview.openConflicts.about')}</span>
        </Link>
      </div>
      <section className="card">
        <div className="row">
          <h2>{t('overview.chart')}</h2>
          <span className="key">{t('overview.accepted')}</span>
          <span className="key conflicts">{t('overview.conflicts')}</span>
        </div>
        {lastHour.syncs === 0 ? (
          <Empty title={t('overview.quiet')}>{t('overview.quiet.lead')}</Empty>
        ) : (
          <HourChart lastHour={lastHour} />
        )}
      </section>
      <section className="card">
        <h2>{t('overview.devices')}</h2>
        <div className="row">
          {states.map(([state, count]) => (
            <Link key={state} to="/devices" search={{ state }}>
              <Badge tone={DEVICE_TONES[state]}>
                {t(`state.${state}`)}: {formats.number(count)}
              </Badge>
            </Link>
          ))}
        </div>
      </section>
      <section className="card">
        <h2>{t('overview.oldest')}</h2>
        {oldestUnsynced === null ? (
          <p className="soft">{t('overview.oldest.none')}</p>
        ) : (
          <p>
            <Link to="/devices/$deviceId" params={{ deviceId: oldestUnsynced.deviceId }}>
              {oldestUnsynced.deviceId}
            </Link>{' '}
            {t('overview.oldest.since', {
              count: oldestUnsynced.pending,
              at: moment(oldestUnsynced.oldestPendingAt),
              reported: moment(oldestUnsynced.reportedAt),
            })}
          </p>
        )}
      </section>
    </>
  )
}
