import type { OperationName } from '@fieldsync/contracts'

import { SHARED_KEY } from './labelled-farm.ts'

/**
 * The result of a call with a foreign id, key or cursor: our own record of that name, nothing at all, a refusal, or an
 * answer that shows no record.
 */
type Expected = 'own' | 'nothing' | 'plain' | 'NOT_FOUND' | 'CURSOR_INVALID'
export type Case = {
  readonly what: string
  readonly input: Record<string, unknown>
  readonly expected: Expected
  readonly key?: string
  readonly conflicts?: readonly string[]
}

/** Services by the ids of other workspaces; `dev_svc_twin` is there in each. */
export const SERVICE_CASES = {
  'security.list': [{ what: 'no parameter', input: {}, expected: 'nothing' }],
  'services.list': [
    { what: 'no parameter', input: {}, expected: 'plain' },
    { what: 'the id before one of theirs', input: { cursor: 'sdev_svc_only' }, expected: 'nothing' },
  ],
  'services.create': [
    {
      what: 'a key and an id of theirs',
      input: { serviceId: 'dev_svc_only_theirs', scopes: ['read'] },
      expected: 'plain',
      key: SHARED_KEY,
    },
    {
      what: 'a device of theirs to write for',
      input: { serviceId: 'dev_svc_other', scopes: ['read'], deviceIds: ['dev_only_theirs'] },
      expected: 'NOT_FOUND',
    },
  ],
  'services.rotate': [
    { what: 'a service with a twin', input: { serviceId: 'dev_svc_twin' }, expected: 'plain' },
    { what: 'a service of nobody here', input: { serviceId: 'dev_svc_nobody' }, expected: 'NOT_FOUND' },
  ],
  'services.grant': [
    {
      what: 'a service with a twin',
      input: { serviceId: 'dev_svc_twin', scopes: ['sync'] },
      expected: 'plain',
    },
    {
      what: 'a device of theirs',
      input: { serviceId: 'dev_svc_twin', deviceIds: ['dev_only_theirs'] },
      expected: 'NOT_FOUND',
    },
  ],
  'services.revoke': [
    { what: 'a service of nobody here', input: { serviceId: 'dev_svc_nobody' }, expected: 'NOT_FOUND' },
    { what: 'a service with a twin', input: { serviceId: 'dev_svc_twin' }, expected: 'plain' },
  ],
} as const satisfies Partial<Record<OperationName, readonly Case[]>>
