import { type AuthApi, connectAuth } from '@fieldsync/client/people'
import type { AuthSession } from '@fieldsync/contracts'
import { type QueryClient, useQuery, type UseQueryResult } from '@tanstack/react-query'

import { homeUrl } from './credential.ts'
import { reauthentication } from './reauthentication.ts'

/** Who has signed in with this browser, and how that can be done. */
export const AUTH = ['auth'] as const

/** The routes of people at the console's own server. A change that requires a new proof asks for it (APP-79). */
export const auth: AuthApi = (name, input, options) =>
  connectAuth({ url: homeUrl(), reauthenticate: reauthentication.ask })(name, input, options)

export type AuthSessionQuery = UseQueryResult<AuthSession>

/** Fetched once, and again when somebody signs in or out in any tab; a session that ends is noticed by other calls. */
export const useAuthSession = (isWanted: boolean): AuthSessionQuery =>
  useQuery({
    queryKey: AUTH,
    queryFn: ({ signal }) => auth('session', {}, { signal }),
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
  })

/** Nothing that was loaded stays, and who has signed in is fetched again. */
export function forgetLoaded(queries: QueryClient): void {
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== AUTH[0] })
  void queries.resetQueries({ queryKey: AUTH })
}
