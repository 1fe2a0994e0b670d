import { OPERATIONS, type OperationName } from '@fieldsync/contracts'

import type { RestAnswer } from './sync-calls.ts'

export const TRANSPORTS = ['rest', 'trpc'] as const

export type OperationCall = {
  readonly url: string
  readonly token: string | undefined
  readonly operation: OperationName
  readonly input: Readonly<Record<string, unknown>>
  /** `Idempotency-Key` of a write. */
  readonly key?: string
  readonly transport?: (typeof TRANSPORTS)[number]
}

/** Calls any operation by its table entry: parameters of the path and the query, or the body, out of one input. */
export async function callOperation(call: OperationCall): Promise<RestAnswer> {
  const { url, token, operation, input, key, transport = 'rest' } = call
  const { method } = OPERATIONS[operation]
  const address = transport === 'rest' ? restAddress(operation, input) : trpcAddress(operation, input)
  const response = await fetch(`${url}${address}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { 'x-device-token': token }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
    },
    ...(method === 'POST' ? { body: JSON.stringify(input) } : {}),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

function restAddress(operation: OperationName, input: OperationCall['input']): string {
  const { path, method } = OPERATIONS[operation]
  const query = new Map(Object.entries(input).map(([name, value]) => [name, String(value)]))
  const filled = path.replace(/(?<=\/):(\w+)/g, (_all, name: string) => {
    const value = query.get(name) ?? ''
    query.delete(name)
    return encodeURIComponent(value)
  })
  return method === 'GET' && query.size > 0
    ? `${filled}?${new URLSearchParams([...query]).toString()}`
    : filled
}

function trpcAddress(operation: OperationName, input: OperationCall['input']): string {
  const query =
    OPERATIONS[operation].method === 'GET' ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''
  return `/trpc/${operation}${query}`
}
