import type { GrantRecord, Playbook, PlaybookId } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'

import { Badge } from '../../components/badge.tsx'
import { Empty } from '../../components/empty.tsx'
import { Page } from '../../components/page.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { nameOf as nameOfPath } from '../../components/value-text.ts'
import { type T, useMessages, useMomentText } from '../../messages/messages.tsx'
import { usePersonName } from '../../server/person-names.ts'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'
import { EndGrant } from './end-grant.tsx'
import { GiveGrant } from './give-grant.tsx'
import { givableActions, grantState, type Place, placesOf } from './grant-tree.ts'
import { usePresentGrants } from './use-grants.ts'

const route = getRouteApi('/playbooks/$playbookId/grants')

/** Who may change which part of a playbook: everybody's for administrators, for others their own (APP-73). */
export function GrantsPage() {
  const { t } = useMessages()
  const api = useApi()
  const playbookId = route.useParams().playbookId as PlaybookId
  const mayGive = useMay('grants.create')
  const playbook = useQuery({
    queryKey: ['playbook', playbookId],
    queryFn: ({ signal }) => api.playbooks.get.query({ playbookId }, { signal }),
  })
  const grants = usePresentGrants(playbookId)
  return (
    <Page
      title={t('grants.of', { playbook: playbookId })}
      lead={t(mayGive ? 'grants.lead' : 'grants.lead.own')}
      back={{ to: '/playbooks', label: t('playbooks.title') }}
      actions={
        <Link to="/playbooks/$playbookId" params={{ playbookId }}>
          {playbookId}
        </Link>
      }
    >
      <QueryResult query={playbook}>
        {(document) => (
          <QueryResult query={grants} lines={3}>
            {(found) => <Places playbook={document} grants={found} mayGive={mayGive} />}
          </QueryResult>
        )}
      </QueryResult>
    </Page>
  )
}

type PlacesProps = {
  readonly playbook: Playbook
  readonly grants: readonly GrantRecord[]
  readonly mayGive: boolean
}

function Places({ playbook, grants, mayGive }: PlacesProps) {
  const { t } = useMessages()
  // Where nothing can be given only what was given has a place.
  const places = placesOf(playbook, grants).filter((place) => mayGive || place.grants.length > 0)
  const nobody = mayGive ? 'grants.none' : 'grants.none.own'
  return (
    <>
      {grants.length === 0 ? (
        <section className="card">
          <Empty title={t(nobody)}>{t(`${nobody}.lead`)}</Empty>
        </section>
      ) : null}
      {places.map((place) => (
        <PlaceCard key={place.path} place={place} playbook={playbook} mayGive={mayGive} />
      ))}
    </>
  )
}

function PlaceCard({ place, playbook, mayGive }: Omit<PlacesProps, 'grants'> & { readonly place: Place }) {
  const { t } = useMessages()
  const { session, server } = useSignedIn()
  const [giving, setGiving] = useState(false)
  const { path, grants } = place
  const { playbookId } = playbook
  const name = placeName(playbook, place.segments, t)
  // With the end of the caller's own, which may be given for as long.
  const ends = [null, ...(session.grants ?? []).map(({ expiresAt }) => expiresAt)]
  const isWithheld = !ends.some(
    (expiresAt) =>
      givableActions(session.grants, { playbookId, path, notBefore: null, expiresAt }, server.clock.now())
        .length > 0,
  )
  return (
    <section className="card" aria-label={name}>
      <div className="row">
        <h2>{name}</h2>
        {path === '' ? null : <code className="soft">{path}</code>}
      </div>
      {grants.length === 0 ? (
        <p className="soft">{t('grants.none.here')}</p>
      ) : (
        <ul className="diff">
          {grants.map((grant) => (
            <Granted key={grant.grantId} grant={grant} mayGive={mayGive} />
          ))}
        </ul>
      )}
      {mayGive ? (
        <div className="row">
          <Button
            variant="default"
            size="xs"
            aria-label={t('grants.give.at', { place: name })}
            disabled={isWithheld}
            onClick={() => setGiving(true)}
          >
            {t('grants.give')}
          </Button>
          {isWithheld ? <span className="soft">{t('grants.give.more')}</span> : null}
        </div>
      ) : null}
      {giving ? (
        <GiveGrant playbookId={playbookId} place={{ path, name }} close={() => setGiving(false)} />
      ) : null}
    </section>
  )
}

function Granted({ grant, mayGive }: { readonly grant: GrantRecord; readonly mayGive: boolean }) {
  const { t } = useMessages()
  const { session, server } = useSignedIn()
  const moment = useMomentText(session.workspace.timeZone)
  const mayEnd = useMay('grants.revoke') && (mayGive || grant.deviceId === session.deviceId)
  const [ending, setEnding] = useState(false)
  const nameOf = usePersonName()
  const { playbookId, actions, notBefore, expiresAt } = grant
  const holder = nameOf(grant.deviceId)
  const state = grantState(grant, server.clock.now())
  return (
    <li>
      <div className="row">
        <strong>{holder}</strong>
        <Badge tone={state === 'holds' ? 'settled' : state === 'begins' ? 'waiting' : 'calm'}>
          {t(`grants.state.${state}`)}
        </Badge>
        {playbookId === null ? <span className="soft">{t('grants.everywhere')}</span> : null}
      </div>
      <p>{actions.map((action) => t(`grants.action.${action}`)).join(' · ')}</p>
      <p className="soft">
        {notBefore === null ? '' : `${t('grants.from', { at: moment(notBefore) })} `}
        {expiresAt === null ? t('grants.noEnd') : t('grants.until', { at: moment(expiresAt) })}
        {' · '}
        {givenBy(grant, nameOf, t)}
      </p>
      {mayEnd ? (
        <div className="row">
          <Button
            variant="outline"
            color="red"
            size="xs"
            aria-label={t('grants.end.of', { device: holder })}
            onClick={() => setEnding(true)}
          >
            {t('grants.end')}
          </Button>
        </div>
      ) : null}
      {ending ? <EndGrant grant={grant} close={() => setEnding(false)} /> : null}
    </li>
  )
}

function givenBy({ byRole, grantedBy }: GrantRecord, nameOf: (deviceId: string) => string, t: T): string {
  if (byRole) return t('grants.byRole')
  return grantedBy === null ? t('grants.byOperator') : t('grants.by', { device: nameOf(grantedBy) })
}

/** A place of a playbook as its page names it: the rule by what it is about, and the value in it. */
function placeName({ rules }: Pick<Playbook, 'rules'>, segments: readonly string[], t: T): string {
  const [top, ruleId, ...inside] = segments
  if (top === undefined) return t('grants.whole')
  const rule = top === 'rules' ? Object.entries(rules).find(([id]) => id === ruleId)?.[1] : undefined
  if (!rule) return nameOfPath(segments, t)
  const name = `${t(`issue.${rule.issue}`)} · ${t(`severity.${rule.severity}`)}`
  return inside.length === 0 ? name : `${name} · ${nameOfPath(segments, t)}`
}
