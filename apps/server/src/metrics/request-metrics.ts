import type { IncomingMessage } from 'node:http'

import { type CallOutcome, finishedCalls, isStream } from '@fieldsync/api'
import { CONTRACT_HEADER, CONTRACT_VERSION, ERROR_TABLE } from '@fieldsync/contracts'
import { Counter, Histogram, type Registry } from 'prom-client'

import type { FinishedRequest } from '../http/watch-requests.ts'

/** From the fastest answer to the limit of a call, seconds. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** The requests of one server. */
export type RequestMetrics = {
  readonly finished: (request: FinishedRequest) => void
  /** A request that no application served, since there is none yet or no longer. */
  readonly unserved: () => void
}

/**
 * Counts calls and their durations by operation and outcome (MON-2). Each label is one of a closed list, so their number
 * is bounded whatever clients send: never a path, a workspace or a device.
 */
export function requestMetrics(registry: Registry): RequestMetrics {
  const registers = [registry]
  const calls = new Counter({
    name: 'fieldsync_requests_total',
    help: 'Calls by operation and outcome: ok, replay, aborted, other, or an error code.',
    labelNames: ['operation', 'outcome'],
    registers,
  })
  const durations = new Histogram({
    name: 'fieldsync_request_duration_seconds',
    help: 'Duration of calls by operation and class of outcome: ok, refused (4xx), failed (5xx, aborted).',
    labelNames: ['operation', 'class'],
    buckets: SECONDS,
    registers,
  })
  const contracts = new Counter({
    name: 'fieldsync_requests_by_contract_total',
    help: 'Requests of the API by the minor contract version that the client announced; none, or other.',
    labelNames: ['contract'],
    registers,
  })
  return {
    finished: ({ request, response, ms }) => {
      const isLong = isStream(response)
      let isOfApi = false
      for (const { operation, outcome } of finishedCalls(request, response)) {
        calls.inc({ operation, outcome })
        isOfApi ||= operation !== 'page'
        // A stream lasts for as long as its client wants.
        if (!isLong) durations.observe({ operation, class: classOf(outcome) }, ms / 1000)
      }
      if (isOfApi) contracts.inc({ contract: contractOf(request) })
    },
    unserved: () => calls.inc({ operation: 'unknown', outcome: 'UNAVAILABLE' }),
  }
}

/** For latencies alone: one series for each code would be many, and say no more. */
function classOf(outcome: CallOutcome): 'ok' | 'refused' | 'failed' {
  if (outcome === 'ok' || outcome === 'replay') return 'ok'
  if (outcome === 'aborted') return 'failed'
  return outcome !== 'other' && ERROR_TABLE[outcome].status >= 500 ? 'failed' : 'refused'
}

const [OUR_MAJOR = '', OUR_MINOR = ''] = CONTRACT_VERSION.split('.')

/** The announced version up to its minor; versions that this server does not know share one label. */
function contractOf({ headers }: IncomingMessage): string {
  const announced = headers[CONTRACT_HEADER.toLowerCase()]
  if (announced === undefined) return 'none'
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})\.\d{1,4}$/.exec(String(announced)) ?? []
  const isKnown = major === OUR_MAJOR && Number(minor) <= Number(OUR_MINOR)
  return isKnown ? `${major}.${Number(minor)}` : 'other'
}
