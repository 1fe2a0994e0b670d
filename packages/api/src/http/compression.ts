import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** An answer up to this size fits one packet: compressing it would only cost. */
const MIN_BYTES = 1024

/**
 * Measured on pages of observations: 1 MB becomes 145 KB in 3.9 ms of CPU. Level 1 costs as much for 148 KB, level 6
 * takes 9 ms for 126 KB.
 */
export const GZIP_OPTIONS = { level: 3, chunkSize: 64 * 1024 }

/** One of Node's four pool threads stays free for other work. */
const CONCURRENCY = 3

const compress = promisify(gzip)
let running = 0
const queue: (() => void)[] = []

/** Whether a body of this size is worth compressing for this request, and its client accepts that (HDR-5). */
export const isCompressible = (req: IncomingMessage, bytes: number): boolean =>
  bytes > MIN_BYTES && req.method !== 'HEAD' && acceptsGzip(req)

/** Whether the request's `Accept-Encoding` prefers gzip to an unencoded body (RFC 9110, 12.5.3). */
export function acceptsGzip(req: IncomingMessage): boolean {
  const header = req.headers['accept-encoding']
  if (header === undefined) return false
  const weights = new Map(header.toLowerCase().split(',').map(weightOf))
  const gzipWeight = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0
  return gzipWeight > 0 && gzipWeight >= (weights.get('identity') ?? 0)
}

function weightOf(item: string): [coding: string, weight: number] {
  const [coding = '', ...parameters] = item.split(';').map((part) => part.trim())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  return [coding, weight === undefined ? 1 : Number(weight) || 0]
}

/**
 * Compresses a body outside the event loop. Only a few are compressed at a time, so that besides the bodies themselves,
 * which are counted, almost no memory is used.
 *
 * @param isWanted checked when its turn comes: the client may be gone by then
 * @returns undefined for a body that is no longer wanted
 */
export async function compressed(
  body: string | Uint8Array,
  isWanted: () => boolean,
): Promise<Buffer | undefined> {
  if (running < CONCURRENCY) running++
  else await new Promise<void>((resolve) => queue.push(resolve))
  try {
    return isWanted() ? await compress(body, GZIP_OPTIONS) : undefined
  } finally {
    const next = queue.shift()
    if (next) next()
    else running--
  }
}
