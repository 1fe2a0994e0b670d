import { useQuery } from '@tanstack/react-query'

import { useApi, useMay } from './server.ts'

/** The workspace's settings; not fetched for those who may not change them. */
export function useSettingsQuery() {
  const api = useApi()
  return useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => api.workspace.settings.query({}, { signal }),
    enabled: useMay('workspace.changeSettings'),
  })
}
