import type { IncomingMessage, ServerResponse } from 'node:http'

import type { ErrorCode } from '@fieldsync/contracts'

import { requestState } from './request-state.ts'

/**
 * How a call ended: `ok`; `replay` of a stored answer; a code of the error table; `aborted` where the connection ended
 * before the answer did; `other` for a refusal outside the API.
 */
export type CallOutcome = 'ok' | 'replay' | 'aborted' | 'other' | ErrorCode

/** One call of a finished request; a tRPC request may contain several. */
export type FinishedCall = {
  /** A name of the contract's tables, `page` for what people's browsers fetch, or `unknown`. */
  readonly operation: string
  readonly outcome: CallOutcome
}

/** An answer that is long-lived by design: its client ends it. */
export const isStream = (res: ServerResponse): boolean =>
  String(res.getHeader('content-type')).startsWith('text/event-stream')

/**
 * The calls of a request whose connection or answer has ended (MON-2). Both parts of each come from closed lists, whatever
 * a client sends.
 */
export function finishedCalls(req: IncomingMessage, res: ServerResponse): readonly FinishedCall[] {
  const { operations, failures, replayed } = requestState(req)
  const ended = endOf(res, replayed)
  const whole = failures.find(({ operation }) => operation === undefined)?.code
  if (operations.length === 0) {
    const outcome = whole ?? ended
    return [{ operation: outcome === 'ok' || outcome === 'aborted' ? 'page' : 'unknown', outcome }]
  }
  const [only = ''] = operations
  if (operations.length === 1) return [{ operation: only, outcome: whole ?? failures[0]?.code ?? ended }]
  // A name may be called twice in one request, and only one of the two fail.
  const left = failures.filter(({ operation }) => operation !== undefined)
  return operations.map((operation) => {
    const at = left.findIndex((failure) => failure.operation === operation)
    const own = at < 0 ? undefined : left.splice(at, 1)[0]
    return { operation, outcome: whole ?? own?.code ?? ended }
  })
}

function endOf(res: ServerResponse, replayed: boolean): CallOutcome {
  if (!res.writableFinished && !isStream(res)) return 'aborted'
  if (res.statusCode >= 400) return 'other'
  return replayed ? 'replay' : 'ok'
}
