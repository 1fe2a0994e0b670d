import type { AppRouter } from '@fieldsync/api/app-router'
import type { TRPCClient } from '@trpc/client'
import { httpLink } from '@trpc/client/links/httpLink'

import { FieldsyncError, fieldsyncError } from '../errors/fieldsync-error.ts'
import { NetworkError } from '../errors/network-error.ts'
import { callRenewing, type LinkOptions, parsedJson, refusalOf } from '../http/server-link.ts'

/**
 * Every operation of the server as a typed call, such as `api.observations.list.query({ limit: 20 })`; these need the
 * network. Syncing is not among them: the engine does that.
 *
 * A call rejects with a FieldsyncError when the server refuses it, with a NetworkError when there is no answer.
 */
export type FieldsyncApi = Omit<TRPCClient<AppRouter>, 'sync'>

type FetchOfTrpc = NonNullable<Parameters<typeof httpLink>[0]['fetch']>

export function createApi(link: LinkOptions): FieldsyncApi {
  const send: FetchOfTrpc = async (url, init) => {
    const answer = await callRenewing(link, {
      method: init?.method === 'POST' ? 'POST' : 'GET',
      // tRPC's HTTP link passes its addresses and JSON bodies as strings.
      url: typeof url === 'string' ? url : '',
      body: typeof init?.body === 'string' ? init.body : undefined,
      signal: init?.signal ?? undefined,
    })
    const ok = answer.status >= 200 && answer.status < 300
    const json = parsedJson(answer.text)
    const refusal = ok ? undefined : refusalOf(link, answer)
    if (refusal) throw fieldsyncError(refusal)
    if (!ok || json === undefined) {
      const { status } = answer
      throw new NetworkError('not_ours', `A server that is not Fieldsync answered ${status}.`, {
        status,
      })
    }
    return { ok, json: () => Promise.resolve(json) }
  }
  // The link alone: tRPC's client around it brings along what other links need, a twentieth of this package.
  const request = httpLink<AppRouter>({ url: `${link.url}/trpc`, fetch: send })({})
  const called = async (path: readonly string[], input: unknown, options: CallOptions): Promise<unknown> => {
    const type = path.at(-1) === 'mutate' ? 'mutation' : 'query'
    const op = {
      id: 0,
      type,
      path: path.slice(0, -1).join('.'),
      input,
      context: {},
      signal: options?.signal,
    } as const
    try {
      return await new Promise((resolve, reject) => {
        const answer = request({ op, next: LAST })
        answer.subscribe({
          next: ({ result }) => resolve('data' in result ? result.data : undefined),
          error: reject,
        })
      })
    } catch (error) {
      throw describeError(error, options?.signal)
    }
  }
  // The router's type defines the paths; at run time every path is accepted.
  return callableAt([], called) as FieldsyncApi
}

/** It passes no call on. */
const LAST = (): never => {
  throw new Error('There is no further link.')
}

type CallOptions = { readonly signal?: AbortSignal } | undefined
type Called = (path: readonly string[], input: unknown, options: CallOptions) => Promise<unknown>

/** The error for the caller: what `send` has thrown, unwrapped from tRPC's error. */
function describeError(error: unknown, signal: AbortSignal | undefined): unknown {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof FieldsyncError || cause instanceof NetworkError) return cause
  // tRPC aborts by itself too.
  return signal?.aborted ? new NetworkError('aborted', 'The call was aborted.', { cause: error }) : error
}

/** An object whose every member is such an object again, and can be called. */
function callableAt(path: readonly string[], called: Called): unknown {
  return new Proxy(() => undefined, {
    // Not a promise, so that it can be returned from async code.
    get: (_target, name) =>
      typeof name === 'string' && name !== 'then' ? callableAt([...path, name], called) : undefined,
    apply: (_target, _this, [input, options]: [unknown, CallOptions]) => called(path, input, options),
  })
}
