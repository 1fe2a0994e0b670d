import type { AuditState, WitnessState } from '@fieldsync/contracts'
import type { Tone } from '@fieldsync/design'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'

import { useMessages, useMoment, useMomentText } from '../messages/messages.tsx'
import { useApi, useMay, useSignedIn } from '../server/server.ts'
import { AcknowledgeLoss } from './acknowledge-loss.tsx'
import { Badge } from './badge.tsx'
import { Facts } from './facts.tsx'
import { QueryResult } from './query-result.tsx'

const TONES: Readonly<Record<WitnessState, Tone>> = {
  agrees: 'settled',
  cut: 'broken',
  rewritten: 'broken',
  lost: 'waiting',
  unknown: 'calm',
}

/** Whether the audit is what it was: its last checkpoint, and what devices witness of it (APP-95). */
export function CheckpointState() {
  const { t } = useMessages()
  const api = useApi()
  const mayRead = useMay('audit.state')
  const query = useQuery({
    queryKey: ['audit-state'],
    queryFn: ({ signal }) => api.audit.state.query({}, { signal }),
    enabled: mayRead,
  })
  if (!mayRead) return null
  return (
    <section className="card">
      <h2>{t('checkpoints.title')}</h2>
      <p className="soft">{t('checkpoints.lead')}</p>
      <QueryResult query={query} lines={3}>
        {(state) => <State state={state} />}
      </QueryResult>
    </section>
  )
}

function State({ state }: { state: AuditState }) {
  const { t, formats } = useMessages()
  const moment = useMomentText(useSignedIn().session.workspace.timeZone)
  const { checkpoint, witnesses } = state
  const agree = witnesses.filter((each) => each.state === 'agrees').length
  const others = witnesses.filter((each) => each.state !== 'agrees')
  const last =
    checkpoint === null
      ? t('checkpoints.last.none')
      : checkpoint.at === null
        ? formats.number(checkpoint.seq)
        : t('checkpoints.last.row', { seq: formats.number(checkpoint.seq), time: moment(checkpoint.at) })
  return (
    <>
      {isContradicted(state) ? <Contradicted /> : null}
      {state.stores.some(({ failing }) => failing) ? (
        <p className="note waiting" role="note">
          {t('checkpoints.failing')}
        </p>
      ) : null}
      <Facts
        of={[
          [t('checkpoints.rows'), formats.number(state.seq)],
          [t('checkpoints.last'), last],
          [t('checkpoints.witnesses'), formats.number(witnesses.length)],
        ]}
      />
      {witnesses.length === 0 ? <p className="soft">{t('checkpoints.witnesses.none')}</p> : null}
      {agree > 0 ? <p>{t('checkpoints.agree', { count: agree })}</p> : null}
      {others.length > 0 ? <Others witnesses={others} /> : null}
    </>
  )
}

const isContradicted = ({ problem, witnesses }: AuditState): boolean =>
  problem !== null || witnesses.some(({ state }) => state === 'cut' || state === 'rewritten')

/** What to do about it; an admin may acknowledge a loss (APP-96). */
function Contradicted() {
  const { t } = useMessages()
  const mayAcknowledge = useMay('audit.acknowledgeLoss')
  const [asks, setAsks] = useState(false)
  return (
    <div className="note clash" role="alert">
      <p>
        <strong>{t('checkpoints.contradicted')}</strong>
      </p>
      <p>{t('checkpoints.contradicted.lead')}</p>
      {mayAcknowledge ? (
        <Button variant="default" size="xs" onClick={() => setAsks(true)}>
          {t('checkpoints.acknowledge')}
        </Button>
      ) : null}
      {asks ? <AcknowledgeLoss close={() => setAsks(false)} /> : null}
    </div>
  )
}

/** The devices that do not simply agree. */
function Others({ witnesses }: Pick<AuditState, 'witnesses'>) {
  const { t, formats } = useMessages()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  const columns = ['device', 'row', 'reported', 'says'] as const
  return (
    <div className="listing">
      <table className="table">
        <caption className="visually-hidden">{t('checkpoints.witnesses')}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {t(`checkpoints.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {witnesses.map(({ deviceId, seq, reportedAt, state }) => (
            <tr key={deviceId}>
              <td data-label={t('checkpoints.device')}>
                <div>
                  <Link to="/devices/$deviceId" params={{ deviceId }}>
                    {deviceId}
                  </Link>
                </div>
              </td>
              <td data-label={t('checkpoints.row')}>
                <div>{formats.number(seq)}</div>
              </td>
              <td data-label={t('checkpoints.reported')}>
                <div>{moment(reportedAt)}</div>
              </td>
              <td data-label={t('checkpoints.says')}>
                <div>
                  <Badge tone={TONES[state]}>{t(`checkpoints.state.${state}`)}</Badge>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
