import type { ProvenRequest } from '@fieldsync/services'
import type { Request } from 'express'

import type { ApiParts } from '../core/api-context.ts'

/**
 * This server as the client addressed it, without a slash at its end: `PUBLIC_URL` where it is set, otherwise what the
 * request's Host says, for which a proxy has to be trusted (ACC-16).
 */
export const ownAddress = ({ publicUrl }: Pick<ApiParts, 'publicUrl'>, req: Request): string =>
  publicUrl ?? `${req.protocol}://${req.get('host') ?? ''}`

/** A request as its proof of possession has to name it. */
export function provenRequest(api: Pick<ApiParts, 'publicUrl'>, req: Request): ProvenRequest {
  const [path = ''] = req.originalUrl.split('?', 1)
  return { method: req.method, url: `${ownAddress(api, req)}${path}` }
}
