import { MAX_PAGE_SIZE, type PersonRecord } from '@fieldsync/contracts'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'

import { useApi, useMay, useSignedIn } from './server.ts'

/** Names of people by the ids that records have of them; people of one name are told apart by their addresses. */
export function personNames(
  people: readonly Pick<PersonRecord, 'deviceId' | 'name' | 'email'>[],
): ReadonlyMap<string, string> {
  const isShared = (name: string) => people.filter((each) => each.name === name).length > 1
  return new Map(
    people.map(({ deviceId, name, email }) => [deviceId, isShared(name) ? `${name} (${email})` : name]),
  )
}

/** The people of the workspace, where the console may know them: an admin's does. */
export function usePeople(): readonly PersonRecord[] | undefined {
  const api = useApi()
  const { data } = useQuery({
    queryKey: ['people', 'names'],
    queryFn: async ({ signal }) => {
      const found: PersonRecord[] = []
      let cursor: string | undefined
      do {
        const page = await api.people.list.query(
          { limit: MAX_PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) },
          { signal },
        )
        found.push(...page.items)
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      return found
    },
    enabled: useMay('people.list'),
  })
  return data
}

/** Says an id of a record as a name, where the console knows it (APP-84): an admin's knows everybody, any other itself. */
export function usePersonName(): (deviceId: string) => string {
  const { session, person } = useSignedIn()
  const people = usePeople()
  const names = useMemo(() => personNames(people ?? []), [people])
  const own = person?.person.name
  return useCallback(
    (deviceId) =>
      names.get(deviceId) ?? (own !== undefined && deviceId === session.deviceId ? own : deviceId),
    [names, own, session.deviceId],
  )
}
