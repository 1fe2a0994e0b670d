import type { z } from 'zod'

import type { Scope } from '../oauth.ts'

/** The right that an operation requires; `none` needs no credential. */
export type OperationRight =
  | 'none'
  | 'read'
  | 'sync'
  | 'observations.write'
  | 'playbooks.patch'
  | 'playbooks.publish'
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
  /** An access token needs one of these scopes (ACC-19); a pre-shared token has all but `weather:live` (ACC-23). */
  scopes: readonly Scope[]
  input: z.ZodObject
  /** For lists: the schema of one item. */
  output: z.ZodType
  /** A list is answered with an array and a `Link` header in REST, and with `{ items, nextCursor }` in tRPC. */
  list: boolean
  /** Success status. */
  status: 200 | 201
  /** Where a change takes a second person it is answered with 202 and this schema (PUB-10). */
  proposal?: z.ZodType
  /** The answer contains a secret: it is never compressed, since its length would then reveal it (HDR-5). */
  hasSecret?: true
  /**
   * The request proves possession of the key that it is about, and needs no other credential (ENR-3); `orToken`: of a device
   * without a key, a pre-shared token takes the place of the proof (WIP-4).
   */
  provesKey?: true | 'orToken'
}

/** What most reads have in common. */
export const query = { method: 'GET', right: 'read', scopes: ['read'], list: false, status: 200 } as const
export const listing = { ...query, list: true } as const
/** What a device's own writes have in common. */
export const command = { method: 'POST', scopes: ['sync'], list: false } as const
/** What the commands of admins have in common, on devices, services and settings. */
export const administration = { method: 'POST', right: 'admin', scopes: ['admin'], list: false } as const
