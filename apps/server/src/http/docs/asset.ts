import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

import type { Request, Response } from 'express'

const compress = promisify(gzip)

type Content = { readonly plain: Buffer; readonly gzipped: Buffer; readonly etag: string }

// Revalidated each time, answered without a body while it is unchanged.
const ASK_AGAIN = 'no-cache'

/** A handler for one static file, read and compressed once, at its first request. */
export function fileAsset(
  file: string,
  type: string,
  cacheControl = ASK_AGAIN,
): (request: Request, response: Response) => Promise<void> {
  return asset(type, cacheControl, () => readFile(file))
}

/** A handler for one static page. */
export function pageAsset(html: string): (request: Request, response: Response) => Promise<void> {
  return asset('text/html; charset=utf-8', ASK_AGAIN, () => Promise.resolve(Buffer.from(html)))
}

function asset(type: string, cacheControl: string, read: () => Promise<Buffer>) {
  let content: Promise<Content> | undefined
  return async (request: Request, response: Response) => {
    content ??= load(read)
    const { plain, gzipped, etag } = await content
    response.setHeader('content-type', type)
    response.setHeader('etag', etag)
    response.setHeader('vary', 'accept-encoding')
    response.setHeader('cache-control', cacheControl)
    if (request.headers['if-none-match'] === etag) {
      response.status(304).end()
      return
    }
    const compressed = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
    if (compressed) response.setHeader('content-encoding', 'gzip')
    const body = compressed ? gzipped : plain
    response.setHeader('content-length', body.length)
    response.end(request.method === 'HEAD' ? undefined : body)
  }
}

async function load(read: () => Promise<Buffer>): Promise<Content> {
  const plain = await read()
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`
  return { plain, gzipped: await compress(plain), etag }
}
