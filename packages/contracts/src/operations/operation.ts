import type { z } from 'zod'

import type { Scope } from '../oauth.ts'

/** The right that an operation requires; `none` needs no credential. */
export type OperationRight =
  | 'none'
  | 'read'
  | 'sync'
  | 'observations.write'
  | 'playbooks.patch'
  | 'audit.read'
  | 'admin'

/** One operation of the API: the same for tRPC, REST and the OpenAPI document. */
export type Operation = {
  operationId: string
  summary: string
  method: 'GET' | 'POST'
  /** REST path; `:name` right after a slash is a parameter, any other colon is literal. */
  path: `/v1/${string}`
  /** Another path of the same operation, for callers written against it. */
  alias?: `/v1/${string}`
  right: OperationRight
  /** An access token needs one of these scopes (ACC-19); a pre-shared token has all of them. */
  scopes: readonly Scope[]
  input: z.ZodObject
  /** For lists: the schema of one item. */
  output: z.ZodType
  /** A list is answered with an array and a `Link` header in REST, and with `{ items, nextCursor }` in tRPC. */
  list: boolean
  /** Success status. */
  status: 200 | 201
  /** The answer contains a secret: it is never compressed, since its length would then reveal it (HDR-5). */
  hasSecret?: true
  /** The request proves possession of the key that is in its body, and needs no other credential (ENR-3). */
  provesKey?: true
}

/** What operations of one kind have in common: a look-up, a list, a write of a device. */
export const query = { method: 'GET', right: 'read', scopes: ['read'], list: false, status: 200 } as const
export const listing = { ...query, list: true } as const
export const command = { method: 'POST', scopes: ['sync'], list: false } as const
/** A command on devices and services, for admins. */
export const administration = { method: 'POST', right: 'admin', scopes: ['admin'], list: false } as const
