import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { AnswerFirst } from '../http/cors.ts'
import type { MetricsText } from './server-metrics.ts'

export const METRICS_PATH = '/metrics'

/**
 * Serves `/metrics` (MON-1). With a token it needs `Authorization: Bearer`; a scrape is counted nowhere, so that what it
 * returns does not depend on who reads it.
 * @param token undefined only on a port of its own
 */
export function serveMetrics(metrics: MetricsText, token: string | undefined): AnswerFirst {
  const expected = token === undefined ? undefined : digest(`Bearer ${token}`)
  return (request, response) => {
    const [path] = (request.url ?? '').split('?', 1)
    if (path !== METRICS_PATH) return false
    if (request.method !== 'GET' && request.method !== 'HEAD')
      answer(response, 405, '', { allow: 'GET, HEAD' })
    else if (expected && !timingSafeEqual(expected, digest(authorizationOf(request))))
      answer(response, 401, '', { 'www-authenticate': 'Bearer realm="metrics"' })
    else void scrape(metrics, response)
    return true
  }
}

async function scrape(metrics: MetricsText, response: ServerResponse): Promise<void> {
  try {
    answer(response, 200, await metrics.text(), { 'content-type': metrics.contentType })
  } catch {
    answer(response, 500, '', {})
  }
}

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  if (response.destroyed) return
  response.writeHead(status, {
    ...headers,
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

// The scheme is case-insensitive (RFC 9110, 11.1).
const authorizationOf = ({ headers }: IncomingMessage): string =>
  (headers.authorization ?? '').replace(/^bearer +/i, 'Bearer ')

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
