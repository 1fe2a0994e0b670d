import { type GrantRecord, MAX_PAGE_SIZE, type PlaybookId } from '@fieldsync/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '../../server/server.ts'

/** The grants in a playbook that were not ended, those of every playbook included: as many as the caller may see. */
export function usePresentGrants(playbookId: PlaybookId) {
  const api = useApi()
  return useQuery({
    queryKey: ['grants', playbookId],
    queryFn: async ({ signal }) => {
      const found: GrantRecord[] = []
      let cursor: string | undefined
      do {
        const page = await api.grants.list.query(
          { playbookId, state: 'present', limit: MAX_PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) },
          { signal },
        )
        found.push(...page.items)
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      return found
    },
  })
}
