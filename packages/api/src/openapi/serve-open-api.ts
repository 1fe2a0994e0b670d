import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

import { CONTRACT_HEADER, CONTRACT_VERSION } from '@fieldsync/contracts'
import type { Request, RequestHandler, Response } from 'express'

import type { ApiParts } from '../core/api-context.ts'
import { requestIds } from '../core/request-state.ts'
import { acceptsGzip, GZIP_OPTIONS } from '../http/compression.ts'
import { sendBody } from '../http/send.ts'
import { openApiDocument } from './document.ts'

export const OPENAPI_PATH = '/v1/openapi.json'

/** Serves the OpenAPI document (OPS-2): built at the first request, then sent from memory under an `ETag`. */
export function serveOpenApi(api: ApiParts): RequestHandler {
  let built: Built | undefined
  return (req: Request, res: Response) => {
    built ??= build(api)
    const headers = { 'cache-control': 'no-cache', etag: built.etag }
    res.appendHeader('vary', 'accept-encoding')
    if (req.headers['if-none-match'] === built.etag) {
      const { requestId } = requestIds(req)
      res.writeHead(304, { ...headers, 'x-request-id': requestId, [CONTRACT_HEADER]: CONTRACT_VERSION }).end()
    } else if (acceptsGzip(req)) {
      sendBody(res, requestIds(req), 200, built.gzipped, { ...headers, 'content-encoding': 'gzip' })
    } else {
      sendBody(res, requestIds(req), 200, built.json, headers)
    }
  }
}

type Built = { readonly json: Buffer; readonly gzipped: Buffer; readonly etag: string }

function build(api: ApiParts): Built {
  const json = Buffer.from(JSON.stringify(openApiDocument(api)))
  // Weak: it identifies the document, whatever its encoding.
  const etag = `W/"${createHash('sha256').update(json).digest('base64url')}"`
  return { json, gzipped: gzipSync(json, GZIP_OPTIONS), etag }
}
