import type { FieldsyncApi } from '@fieldsync/client'
import { MAX_PAGE_SIZE, type PersonRecord } from '@fieldsync/contracts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'

import { Badge } from '../../components/badge.tsx'
import { Empty } from '../../components/empty.tsx'
import { Facts } from '../../components/facts.tsx'
import { Page } from '../../components/page.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'
import { PeopleForAdmins } from './people.tsx'
import { PersonActions } from './person-actions.tsx'

const route = getRouteApi('/people/$personId')

/** One person of the workspace. */
export function PersonPage() {
  const { t } = useMessages()
  const api = useApi()
  const { personId } = route.useParams()
  const mayList = useMay('people.list')
  const query = useQuery({
    queryKey: ['person', personId],
    queryFn: ({ signal }) => findPerson(api, personId, signal),
    enabled: mayList,
  })
  const person = query.data ?? null
  const actions = mayList && person !== null ? <PersonActions person={person} /> : undefined
  return (
    <Page
      title={person?.name ?? t('people.one')}
      back={{ to: '/people', label: t('people.title') }}
      actions={actions}
    >
      {mayList ? (
        <QueryResult query={query}>
          {(found) =>
            found === null ? (
              <Empty title={t('people.unknown')}>{t('people.unknown.lead')}</Empty>
            ) : (
              <Details person={found} />
            )
          }
        </QueryResult>
      ) : (
        <PeopleForAdmins />
      )}
    </Page>
  )
}

function Details({ person }: { person: PersonRecord }) {
  const { t } = useMessages()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  const { deviceId, email, role, twoFactor, joinedAt, lastSignInAt, endedAt } = person
  return (
    <section className="card">
      <div className="row">
        <Badge tone={endedAt === null ? 'settled' : 'broken'}>
          {t(endedAt === null ? 'people.active' : 'people.ended')}
        </Badge>
      </div>
      <Facts
        of={[
          [t('signIn.email'), email],
          [t('devices.role'), t(`role.${role}`)],
          [t('twoFactor.title'), t(twoFactor ? 'twoFactor.on' : 'twoFactor.off')],
          [t('people.joinedAt'), moment(joinedAt)],
          [t('people.lastSignIn'), lastSignInAt === null ? t('never') : moment(lastSignInAt)],
          ...(endedAt === null ? [] : [[t('people.endedAt'), moment(endedAt)] as const]),
          [t('people.id'), <code key="id">{deviceId}</code>],
        ]}
      />
      <div className="row">
        <Link to="/syncs" search={{ deviceId }}>
          {t('devices.syncs')}
        </Link>
      </div>
    </section>
  )
}

/** One person of the list; null where there is none. */
async function findPerson(
  api: FieldsyncApi,
  personId: string,
  signal: AbortSignal,
): Promise<PersonRecord | null> {
  let cursor: string | undefined
  do {
    const page = await api.people.list.query(
      { limit: MAX_PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) },
      { signal },
    )
    const found = page.items.find((person) => person.personId === personId)
    if (found !== undefined) return found
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return null
}
