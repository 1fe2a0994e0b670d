import type { PersonRecord } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'

import { Badge } from '../../components/badge.tsx'
import { Empty } from '../../components/empty.tsx'
import { listSearch } from '../../components/list-search.ts'
import { type Column, Listed, MOMENT } from '../../components/listed.tsx'
import { Page } from '../../components/page.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'
import { Invitations } from './invitations.tsx'
import { InvitePerson } from './invite-person.tsx'

const route = getRouteApi('/people')

/** Who works in the workspace, and who is invited to it, for admins (APP-82). */
export function People() {
  const { t } = useMessages()
  const api = useApi()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [inviting, setInviting] = useState(false)
  const mayList = useMay('people.list')
  const columns = usePeopleColumns()
  const query = useQuery({
    queryKey: ['people', search],
    queryFn: ({ signal }) => api.people.list.query(search, { signal }),
    placeholderData: keepPreviousData,
    enabled: mayList,
  })
  const { cursor, go } = listSearch(search, navigate)
  const actions = mayList ? (
    <Button onClick={() => setInviting(true)}>{t('people.invite')}</Button>
  ) : undefined
  return (
    <Page title={t('people.title')} lead={t('people.lead')} actions={actions}>
      {mayList ? (
        <>
          <Listed
            query={query}
            caption={t('people.title')}
            columns={columns}
            idOf={({ personId }) => personId}
            none={{ title: t('people.none'), lead: t('people.none.lead') }}
            cursor={cursor}
            go={go}
          />
          <Invitations />
        </>
      ) : (
        <PeopleForAdmins />
      )}
      {inviting ? <InvitePerson close={() => setInviting(false)} /> : null}
    </Page>
  )
}

/** In the place of what other roles do not see. */
export function PeopleForAdmins() {
  const { t } = useMessages()
  return (
    <section className="card">
      <Empty title={t('people.admins')}>{t('people.admins.lead')}</Empty>
    </section>
  )
}

function usePeopleColumns(): Column<PersonRecord>[] {
  const { t } = useMessages()
  const { session } = useSignedIn()
  const moment = useMoment(session.workspace.timeZone)
  return useMemo(
    () => [
      {
        id: 'name',
        header: t('account.name'),
        cell: ({ row: { original } }) => (
          <>
            <Link to="/people/$personId" params={{ personId: original.personId }}>
              {original.name}
            </Link>
            {original.deviceId === session.deviceId ? ` ${t('people.you')}` : ''}
          </>
        ),
      },
      { id: 'email', header: t('signIn.email'), cell: ({ row: { original } }) => original.email },
      {
        id: 'role',
        header: t('devices.role'),
        cell: ({ row: { original } }) =>
          original.endedAt === null ? (
            t(`role.${original.role}`)
          ) : (
            <Badge tone="broken">{t('people.ended')}</Badge>
          ),
      },
      {
        id: 'twoFactor',
        header: t('twoFactor.title'),
        cell: ({ row: { original } }) => t(original.twoFactor ? 'twoFactor.on' : 'twoFactor.off'),
      },
      {
        id: 'signedIn',
        header: t('people.lastSignIn'),
        meta: MOMENT,
        cell: ({ row: { original } }) =>
          original.lastSignInAt === null ? t('never') : moment(original.lastSignInAt),
      },
    ],
    [t, moment, session.deviceId],
  )
}
