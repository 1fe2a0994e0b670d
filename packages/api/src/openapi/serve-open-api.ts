import { createHash } from 'node:crypto'

import { CONTRACT_HEADER, CONTRACT_VERSION } from '@fieldsync/contracts'
import type { Request, RequestHandler, Response } from 'express'

import type { ApiParts } from '../api-context.ts'
import { requestIds } from '../http/request-ids.ts'
import { sendJson } from '../http/send.ts'
import { openApiDocument } from './document.ts'

export const OPENAPI_PATH = '/v1/openapi.json'

/** Serves the OpenAPI document (OPS-2): built at the first request, then sent from memory under an `ETag`. */
export function serveOpenApi(api: ApiParts): RequestHandler {
  let built: { json: Buffer; etag: string } | undefined
  return (req: Request, res: Response) => {
    built ??= build(api)
    const headers = { 'cache-control': 'no-cache', etag: built.etag }
    if (req.headers['if-none-match'] === built.etag) {
      const { requestId } = requestIds(req)
      res.writeHead(304, { ...headers, 'x-request-id': requestId, [CONTRACT_HEADER]: CONTRACT_VERSION }).end()
    } else {
      sendJson(res, requestIds(req), 200, built.json, headers)
    }
  }
}

function build(api: ApiParts): { json: Buffer; etag: string } {
  const json = Buffer.from(JSON.stringify(openApiDocument(api)))
  return { json, etag: `"${createHash('sha256').update(json).digest('base64url')}"` }
}
