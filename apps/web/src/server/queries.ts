import { isFieldsyncError } from '@fieldsync/client'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'

/** Who is signed in; fetched again when the server no longer takes the token. */
export const SESSION = ['session'] as const

/** The console's queries. They do not wait for the browser to think that it is online: the server may be on this machine. */
export function createQueries(): QueryClient {
  const askWhoIsIn = (error: Error): void => {
    // Refused for its role: the page knows another one.
    const isOther = isFieldsyncError(error, 'AUTH_REQUIRED') || isFieldsyncError(error, 'FORBIDDEN')
    if (isOther) void queries.invalidateQueries({ queryKey: SESSION })
  }
  const queries = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, { queryKey }) => {
        if (queryKey[0] !== SESSION[0]) askWhoIsIn(error)
      },
    }),
    mutationCache: new MutationCache({ onError: askWhoIsIn }),
    defaultOptions: {
      queries: { retry: false, staleTime: 5_000, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  })
  return queries
}
