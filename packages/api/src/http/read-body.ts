import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

import type { ApiLimits } from '../core/api-options.ts'
import { malformedBody, overloaded, payloadTooLarge } from '../core/refusals.ts'
import type { BodyEncoding } from './media-type.ts'

/** The client disconnected before its body was complete: no answer can be sent. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

const GUNZIP_CHUNK = 64 * 1024

/**
 * Reads a request body, decoded (HDR-2). Never buffers more than the limit: a decompression bomb, a long chunked body
 * and endless empty gzip blocks are refused as soon as they exceed it. After a refusal the rest of the body is still
 * unread.
 *
 * @param take whether there is room for this many more decoded bytes
 * @throws ServiceError PAYLOAD_TOO_LARGE, UNAVAILABLE where there is no room, or VALIDATION_ERROR where the gzip stream is broken or cut off
 * @throws ClientGone if the connection ends before the body does
 */
export function readBody(
  req: IncomingMessage,
  encoding: BodyEncoding,
  limits: ApiLimits,
  take: (bytes: number) => boolean,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  if (req.destroyed) {
    reject(new ClientGone())
    return promise
  }
  const source: Readable = encoding === 'gzip' ? createGunzip({ chunkSize: GUNZIP_CHUNK }) : req
  const chunks: Buffer[] = []
  let decodedBytes = 0
  let wireBytes = 0

  const stop = (): void => {
    req.off('close', onClose).off('data', onWire)
    source.off('data', onDecoded).off('end', onEnd)
    if (source !== req) {
      req.unpipe()
      source.destroy()
    }
  }
  const refuse = (error: Error): void => {
    stop()
    reject(error)
  }
  // A stream closes after a proper end as well.
  const onClose = (): void => {
    if (!req.readableEnded) refuse(new ClientGone())
  }
  const onWire = (chunk: Buffer): void => {
    wireBytes += chunk.length
    if (wireBytes > limits.maxBytes) refuse(payloadTooLarge(limits))
  }
  const onDecoded = (chunk: Buffer): void => {
    decodedBytes += chunk.length
    if (decodedBytes > limits.maxBytes) refuse(payloadTooLarge(limits))
    else if (take(chunk.length)) chunks.push(chunk)
    else refuse(overloaded())
  }
  const onEnd = (): void => {
    stop()
    resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, decodedBytes))
  }

  req.on('close', onClose)
  source.on('data', onDecoded).on('end', onEnd)
  if (source !== req) {
    source.on('error', () => refuse(malformedBody('is not valid gzip')))
    req.on('data', onWire).pipe(source as ReturnType<typeof createGunzip>)
  }
  return promise
}
