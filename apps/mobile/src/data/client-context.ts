import type { FieldsyncClient } from '@fieldsync/client'
import { createContext, use } from 'react'

export const ClientContext = createContext<FieldsyncClient | null>(null)

export function useClient(): FieldsyncClient {
  const client = use(ClientContext)
  if (client === null) throw new Error('no ClientContext around this component')
  return client
}
