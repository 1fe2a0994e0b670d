import { type Operation, OPERATIONS, type OperationName } from '@fieldsync/contracts'
import type { DeviceKey } from '@fieldsync/testkit'

import { rest as callRest } from './rest-client.ts'

/** The result of a call, independent of the transport. */
export type Outcome =
  | {
      readonly ok: true
      readonly answer: unknown
      readonly nextCursor: string | null
      readonly replayed: boolean
    }
  | {
      readonly ok: false
      readonly status: number
      readonly error: unknown
      readonly retryAfter: string | null
    }

export type Call = {
  readonly operation: OperationName
  readonly input: Record<string, unknown>
  readonly token: string | undefined
  /** A key in place of the token, with an access token for it. */
  readonly proven?: { readonly key: DeviceKey; readonly accessToken: string } | undefined
  /** An access token without a key in place of the token. */
  readonly bearer?: string | undefined
  /** A person's session in place of the token, and the workspace that the call is for. */
  readonly session?: { readonly cookie: string; readonly workspaceId: string } | undefined
  /** Sent by both transports; by default the id of what is written. */
  readonly key?: string
}

/** One of the two transports of a server. */
export type Transport = (url: string, call: Call) => Promise<Outcome>

export const overRest: Transport = (url, call) => rest(url, call, OPERATIONS[call.operation].path)

/** REST by the operation's other path, where it has one (OPS-33). */
export const overAlias: Transport = (url, call) => {
  const { path, alias = path }: Operation = OPERATIONS[call.operation]
  return rest(url, call, alias)
}

async function rest(url: string, call: Call, path: string): Promise<Outcome> {
  const { operation, input, token, key } = call
  const { method, list } = OPERATIONS[operation]
  const inQuery = { ...input }
  const filled = path.replace(/(?<=\/):(\w+)/g, (_all, name: string) => {
    const value = encodeURIComponent(String(input[name]))
    if (method === 'GET') delete inQuery[name]
    return value
  })
  const query = new URLSearchParams()
  if (method === 'GET') for (const [name, value] of Object.entries(inQuery)) query.set(name, String(value))
  const body = method === 'POST' ? JSON.stringify(input) : undefined
  const address = `${url}${filled}${query.size > 0 ? `?${query.toString()}` : ''}`
  const answer = await callRest(address, {
    ...(body === undefined ? {} : { body }),
    headers: {
      'x-device-token': token ?? '',
      ...(await proofOf(call, { method, url: address, body })),
      ...(method === 'POST' ? { 'idempotency-key': key ?? ownKey(input) } : {}),
    },
  })
  const { status, json, headers } = answer
  if (status >= 300) return refused(status, json, headers)
  const cursor = /[?&]cursor=([^&>]*)/.exec(headers.get('link') ?? '')?.[1]
  return {
    ok: true,
    answer: json,
    nextCursor: list && cursor !== undefined ? decodeURIComponent(cursor) : null,
    replayed: headers.get('idempotency-replayed') === 'true',
  }
}

/** The headers of a call with an access token. */
async function proofOf(
  { proven, bearer, session }: Call,
  request: { method: string; url: string; body: string | undefined },
): Promise<Record<string, string>> {
  if (bearer !== undefined) return { 'x-device-token': '', authorization: `Bearer ${bearer}` }
  if (session) {
    const { cookie, workspaceId } = session
    const { origin } = new URL(request.url)
    return { 'x-device-token': '', cookie, origin, 'x-workspace-id': workspaceId }
  }
  if (!proven) return {}
  const { key, accessToken } = proven
  return {
    'x-device-token': '',
    authorization: `DPoP ${accessToken}`,
    dpop: await key.proof({ ...request, accessToken }),
  }
}

export const overTrpc: Transport = async (url, call) => {
  const { operation, input, token, key } = call
  const { method, list } = OPERATIONS[operation]
  const query = method === 'GET' ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''
  const body = method === 'POST' ? JSON.stringify(input) : undefined
  const address = `${url}/trpc/${operation}${query}`
  const { status, json, headers } = await callRest(address, {
    ...(body === undefined ? {} : { body }),
    headers: {
      'x-device-token': token ?? '',
      ...(await proofOf(call, { method, url: address, body })),
      ...(method === 'POST' ? { 'idempotency-key': key ?? ownKey(input) } : {}),
    },
  })
  if (status >= 300) {
    const { error } = json as { error: { data: { envelope: unknown } } }
    return refused(status, error.data.envelope, headers)
  }
  const { data } = (json as { result: { data: unknown } }).result
  const page = list ? (data as { items: unknown; nextCursor: string | null }) : undefined
  return {
    ok: true,
    answer: page ? page.items : data,
    nextCursor: page?.nextCursor ?? null,
    replayed: headers.get('idempotency-replayed') === 'true',
  }
}

function refused(status: number, envelope: unknown, headers: Headers): Outcome {
  const { error } = envelope as { error: Record<string, unknown> }
  const { traceId: _traceId, ...shown } = error
  return { ok: false, status, error: shown, retryAfter: headers.get('retry-after') }
}

function ownKey({ syncId, observationId, patchId }: Record<string, unknown>): string {
  const id = syncId ?? observationId ?? patchId
  return typeof id === 'string' ? id : 'none'
}
